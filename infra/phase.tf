# Whether the phase that is asked for follows from the one that the ledger says. Terraform does not know a variable's
# value of last time, and the ledger would know better anyway: docferry moves it, by hand or by state machine.

locals {
  # The phases that Terraform may be told, by what the ledger says. The sources of events must be on before the first
  # sync, hence planning → sync; a cutover may be announced; a rollback leads back. `completed` lets S3 expire what
  # the migration kept, so that only `docferry complete` makes it legal.
  legal_phases = {
    planning  = ["planning", "sync"]
    sync      = ["sync", "cutover"]
    cutover   = ["sync", "cutover"]
    completed = ["completed"]
  }

  # Of a target that is yet to be created there is nothing to read: then the migration is being planned.
  ledger_exists = contains(coalesce(data.aws_dynamodb_tables.target.names, []), local.sides.target.control_table)
  ledger_phase = (
    length(data.aws_dynamodb_table_item.phase) == 0 ? "planning" :
    jsondecode(jsondecode(data.aws_dynamodb_table_item.phase[0].item).body.S).phase
  )
}

data "aws_dynamodb_tables" "target" {
  provider = aws.target
}

data "aws_dynamodb_table_item" "phase" {
  count      = var.ledger_checked && local.ledger_exists ? 1 : 0
  provider   = aws.target
  table_name = local.sides.target.control_table
  key        = jsonencode({ id = { S = "ledger#phase" } })
}

# Put there once, because Terraform's data source fails on an item that is missing. From then on it is docferry's.
resource "aws_dynamodb_table_item" "phase" {
  provider   = aws.target
  table_name = module.target.control_table_name
  hash_key   = "id"

  item = jsonencode({
    id   = { S = "ledger#phase" }
    body = { S = jsonencode({ phase = "planning" }) }
  })

  lifecycle {
    ignore_changes = [item]
  }
}

resource "terraform_data" "phase" {
  input = var.migration_phase

  lifecycle {
    precondition {
      condition     = !var.ledger_checked || contains(local.legal_phases[local.ledger_phase], var.migration_phase)
      error_message = "migration_phase = \"${var.migration_phase}\" does not follow from the ledger, which says ${local.ledger_phase}: set it to ${join(" or ", local.legal_phases[local.ledger_phase])}. `docferry status` shows where the migration stands; a phase is reached by docferry sync, cutover, rollback and complete, not by Terraform."
    }
  }
}
