mock_provider "aws" {}

run "messages_are_kept_for_two_weeks" {
  command = plan

  assert {
    condition     = module.orders.retention_seconds == 1209600
    error_message = "A message has to be kept for two weeks."
  }
}
