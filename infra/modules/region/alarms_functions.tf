# Alarms on the functions and on what they take their work from.

locals {
  alarmed_functions = { data-sync = local.names["data-sync"], validation = local.names["validation"] }

  # A function has data only when it runs: none is well, and that nothing runs at all shows in the heartbeat.
  function_alarms = merge(concat(
    [for what, name in local.alarmed_functions : {
      "${what}-errors" = {
        what       = "${name} has failed at least 5 times in 5 minutes, twice in 15. Changes stay on their feed and are tried again; read its log."
        namespace  = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = name }, statistic = "Sum"
        period_s   = 300, of = 3, points = 2, missing = "notBreaching"
        comparison = "GreaterThanOrEqualToThreshold", threshold = 5
      }
      "${what}-throttles" = {
        what       = "${name} has been throttled for 15 minutes. Lower map_concurrency or lambda_max_concurrency, or ask for a higher quota of concurrent functions."
        namespace  = "AWS/Lambda", metric = "Throttles", dimensions = { FunctionName = name }, statistic = "Sum"
        period_s   = 300, of = 3, points = 3, missing = "notBreaching"
        comparison = "GreaterThanThreshold", threshold = 0
      }
      # Steps work until 15 s before the timeout and then say that they are not done: only the last 5 s mean that one
      # was about to be cut off.
      "${what}-near-timeout" = {
        what       = "${name} ran into the last 5 seconds before its timeout of ${var.lambda_timeout_s} s. A document may be too large for one invocation: raise lambda_timeout_s or lambda_memory_mb."
        namespace  = "AWS/Lambda", metric = "Duration", dimensions = { FunctionName = name }, statistic = "Maximum"
        period_s   = 300, of = 1, points = 1, missing = "notBreaching"
        comparison = "GreaterThanThreshold", threshold = (var.lambda_timeout_s - 5) * 1000
      }
    }],
    [{
      # A stream keeps a day: what is not read by then is gone, and the migration has to be seeded again.
      data-sync-iterator-age = {
        what       = "data_sync has been more than 15 minutes behind on the records' stream, which keeps 24 hours. Look for a batch that keeps failing in its log."
        namespace  = "AWS/Lambda", metric = "IteratorAge", dimensions = { FunctionName = local.names["data-sync"] }, statistic = "Maximum"
        period_s   = 60, of = 5, points = 5, missing = "notBreaching"
        comparison = "GreaterThanThreshold", threshold = 900000
      }
      data-sync-undeliverable = {
        what       = "What data_sync gave up on did not even reach the dead-letter queue: changes may be lost to the feed. docferry validate finds them."
        namespace  = "AWS/Lambda", metric = "DestinationDeliveryFailures", dimensions = { FunctionName = local.names["data-sync"] }, statistic = "Sum"
        period_s   = 60, of = 1, points = 1, missing = "notBreaching"
        comparison = "GreaterThanThreshold", threshold = 0
      }
    }]
  )...)

  # SQS stops reporting a queue that nothing has happened to for six hours: then it is empty.
  queue_alarms = {
    changes-age = {
      what      = "The oldest change in ${local.own.queue} has waited for more than 15 minutes. Look at the errors and throttles of data_sync."
      namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = local.own.queue }, statistic = "Maximum"
      period_s  = 60, of = 5, points = 5, missing = "notBreaching"
      # While nobody follows, changes wait for as long as the queue keeps them.
      comparison = "GreaterThanThreshold", threshold = local.follows ? 900 : local.kept_s
    }
    dead-letters = {
      what       = "Changes are in ${local.own.queue}-dead: data_sync gave up on them, and a switch refuses until it is empty. docferry status lists what is stuck; mend it and redrive them to ${local.own.queue}."
      namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = "${local.own.queue}-dead" }, statistic = "Maximum"
      period_s   = 60, of = 1, points = 1, missing = "notBreaching"
      comparison = "GreaterThanThreshold", threshold = 0
    }
    # Of another weight: no change was missed, and no switch waits for it.
    failed-invocations = {
      what       = "Invocations that nobody waited for (the schedule, automatic answers) failed and are in ${var.prefix}-sqs-failures, each with its reason. The schedule has started others since; read the log, then purge the queue."
      namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = "${var.prefix}-sqs-failures" }, statistic = "Maximum"
      period_s   = 60, of = 15, points = 15, missing = "notBreaching"
      comparison = "GreaterThanThreshold", threshold = 0
    }
  }
}
