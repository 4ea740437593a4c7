# Alarms on the migration itself, by docferry's own metrics (namespace docferry), which a function reports in its region:
# changes in each, all else where the ledger is, in the target.

locals {
  by_data_sync  = { service = "data_sync" }
  by_validation = { service = "validation" }

  migration_alarms = merge(
    {
      changes-failed = {
        what       = "data_sync has been leaving changes on the feed of ${var.region} for 15 minutes. They are tried again; docferry status lists what is stuck."
        namespace  = "docferry", metric = "ChangesFailed", dimensions = local.by_data_sync, statistic = "Sum"
        period_s   = 300, of = 3, points = 3, missing = "notBreaching"
        comparison = "GreaterThanThreshold", threshold = 0
      }
    },
    var.side != "target" ? {} : {
      # End to end, from acknowledged at the source to visible at the target. While changes are followed, no heartbeat is
      # the worst of all: it is how a broken replication shows, which reports nothing.
      heartbeat-lag = {
        what       = "Changes have taken more than a minute to the other region for 5 minutes, or no heartbeat has come through. Do not cut over; docferry status shows the runner."
        namespace  = "docferry", metric = "HeartbeatLag", dimensions = local.by_data_sync, statistic = "Maximum"
        period_s   = 60, of = 5, points = 5, missing = local.following ? "breaching" : "notBreaching"
        comparison = "GreaterThanThreshold", threshold = 60
      }
      # The way back is proved by canaries. It is not asked for all the time, so that none is not yet ill.
      reverse-heartbeat-lag = {
        what       = "The way back has taken more than a minute for 5 minutes: a rollback would wait for it."
        namespace  = "docferry", metric = "ReverseHeartbeatLag", dimensions = local.by_data_sync, statistic = "Maximum"
        period_s   = 60, of = 5, points = 5, missing = "notBreaching"
        comparison = "GreaterThanThreshold", threshold = 60
      }
      stuck-keys = {
        what       = "AWS has refused some keys for 15 minutes, and a switch refuses while it does. docferry status lists them with the reason."
        namespace  = "docferry", metric = "StuckKeys", dimensions = local.by_data_sync, statistic = "Maximum"
        period_s   = 300, of = 3, points = 3, missing = "notBreaching"
        comparison = "GreaterThanThreshold", threshold = 0
      }
      # It stays until a validation finds none: between validations nothing is known.
      validation-differences = {
        what       = "The last validation found differences. docferry validate --repair, then docferry validate."
        namespace  = "docferry", metric = "ValidationDifferences", dimensions = local.by_validation, statistic = "Maximum"
        period_s   = 300, of = 1, points = 1, missing = "ignore"
        comparison = "GreaterThanThreshold", threshold = 0
      }
    }
  )
}
