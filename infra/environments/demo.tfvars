# A demo: it can be destroyed with everything in it.
environment   = "demo"
source_region = "us-east-1"
target_region = "eu-west-1"

migration_phase = "sync"
cutover_date    = "2027-01-31"

force_destroy       = true
deletion_protection = false

lambda_package     = "../dist/docferry.zip"
log_retention_days = 7

# An embedded AWS has one machine for everything, which may be busy: applications wait longer than a switch may take.
client_deadline_s = 30
max_pause_s       = 25
max_lag_s         = 30

# Whoever uses the embedded AWS is its root.
operator_arns = ["arn:aws:iam::000000000000:root"]
