run "queue_is_there" {
  assert {
    condition     = module.orders.retention_seconds == 1209600
    error_message = "A message has to be kept for two weeks."
  }
}
