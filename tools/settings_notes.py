"""What the settings model cannot say: where each setting applies, and what it should be in production."""

from dataclasses import dataclass

EVERYWHERE = "command line, functions, applications"
RUNNERS = "`docferry sync`, function data_sync"


@dataclass(frozen=True, slots=True)
class Note:
    """Where something applies, and what to set in production."""

    applies: str
    production: str


SIDE = "*"
"""Stands for source and target in a path."""

SETTINGS = {
    "replication": Note("command line, functions", "`engine`"),
    "aws.profile": Note("command line, applications", "unset where a role gives the credentials"),
    "aws.credentials_file": Note("command line, applications", "unset"),
    "aws.endpoint_url": Note(EVERYWHERE, "unset: it is for emulators and S3-compatible stores"),
    f"{SIDE}.region": Note(EVERYWHERE, "Terraform's `source_region`, `target_region`"),
    f"{SIDE}.bucket": Note(EVERYWHERE, "Terraform's outputs"),
    f"{SIDE}.table": Note(EVERYWHERE, "Terraform's outputs"),
    f"{SIDE}.queue": Note("command line, functions", "Terraform's outputs"),
    f"{SIDE}.control_table": Note(EVERYWHERE, "Terraform's outputs; the same for all, as gates live there"),
    f"{SIDE}.conflicts_table": Note("command line, functions", "Terraform's outputs"),
    f"{SIDE}.journal_table": Note(EVERYWHERE, "Terraform's outputs; the same for all, as switches read it"),
    f"{SIDE}.profile": Note(
        "command line, applications",
        "a profile of its own for a move between accounts; functions have their roles",
    ),
    f"{SIDE}.role": Note(
        EVERYWHERE,
        "between accounts, the other side's: Terraform sets the functions'; elsewhere a profile for each side",
    ),
    f"{SIDE}.external_id": Note(EVERYWHERE, "between accounts: Terraform's `external_id`"),
    f"{SIDE}.probe_role": Note(
        "switches", "Terraform's `hard_fence_enabled`, if some applications may ignore the gate; the same for all"
    ),
    f"{SIDE}.worker_role": Note(
        f"{RUNNERS}, switches", "Terraform's outputs (`fencing_token_enabled`, the default); the same for all"
    ),
    "records.document_attribute": Note("command line, functions", "what the applications' records use"),
    "runner.window": Note("command line, functions", "the default"),
    "runner.lease_s": Note(RUNNERS, "the default"),
    "runner.scan_segments": Note(
        "command line, functions", "1 for every 2 GB of the table (AWS's rule of thumb); the same for all"
    ),
    "runner.settle_s": Note("command line, functions", "unset"),
    "runner.visibility_s": Note(RUNNERS, "the default"),
    "runner.state_machine": Note("command line", "Terraform's outputs"),
    "fence.exempt": Note("switches", "docferry's own roles and its operators', or they are kept out, too"),
    "fence.spread_s": Note("switches", "unset"),
    "fence.token_s": Note(
        f"{RUNNERS}, switches", "the default; longer where STS throttles, and a dead worker is waited for longer"
    ),
    "client.lease_s": Note("applications, switches", "the default; never less for switches than for applications"),
    "client.deadline_s": Note("applications, switches", "unset; never less for switches than for applications"),
}
"""By path."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment that is no setting."""

    name: str
    default: str
    meaning: str
    note: Note


BOTH = "both functions"

VARIABLES = (
    Variable(
        "DOCFERRY_EVENT_BUS",
        "no events",
        "event bus in the target's region that docferry's events are put on, by name",
        Note(f"{BOTH}, if `eventbridge_enabled`", "Terraform sets it"),
    ),
    Variable(
        "POWERTOOLS_SERVICE_NAME",
        "`docferry`",
        "`service` of every log line, and dimension of every metric",
        Note(BOTH, "Terraform sets `data_sync` and `validation`, which dashboards and alarms look for"),
    ),
    Variable(
        "POWERTOOLS_METRICS_NAMESPACE",
        "`docferry`",
        "namespace of the metrics",
        Note(BOTH, "Terraform sets `docferry`, which dashboards and alarms look for"),
    ),
    Variable(
        "LOG_LEVEL",
        "`INFO`",
        "least level that is logged: `DEBUG`, `INFO`, `WARNING`, `ERROR`",
        Note(BOTH, "`INFO`, by Terraform's `log_level`; `DEBUG` while looking for something"),
    ),
    Variable(
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN",
        "set by AWS",
        "credentials of the function's role",
        Note(f"{BOTH}; command line and applications without a profile", "never set them on a function"),
    ),
    Variable(
        "DOCFERRY_DEBUG",
        "off",
        "any text: a defect of docferry's own shows where it was",
        Note("command line", "unset"),
    ),
)
