"""Names are like the project wants them."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule

# Names that their owner chooses freely: neither paths, such as those of log groups, nor domains.
_BY_NAME = (
    "aws_api_gateway_rest_api", "aws_apigatewayv2_api", "aws_athena_workgroup", "aws_autoscaling_group",
    "aws_backup_plan", "aws_backup_vault", "aws_batch_job_definition", "aws_batch_job_queue",
    "aws_cloudwatch_event_bus", "aws_cloudwatch_event_rule", "aws_codebuild_project", "aws_codepipeline",
    "aws_cognito_user_pool", "aws_dynamodb_table", "aws_ecr_repository", "aws_ecs_cluster",
    "aws_ecs_service", "aws_eks_cluster", "aws_glue_job", "aws_iam_group", "aws_iam_instance_profile",
    "aws_iam_policy", "aws_iam_role", "aws_iam_user", "aws_kinesis_firehose_delivery_stream",
    "aws_kinesis_stream", "aws_kms_alias", "aws_lb", "aws_lb_target_group", "aws_scheduler_schedule",
    "aws_security_group", "aws_sfn_state_machine", "aws_sns_topic", "aws_sqs_queue",
)  # fmt: skip
ARGUMENTS = dict.fromkeys(_BY_NAME, "name") | {
    "aws_cloudwatch_composite_alarm": "alarm_name",
    "aws_cloudwatch_dashboard": "dashboard_name",
    "aws_cloudwatch_metric_alarm": "alarm_name",
    "aws_db_instance": "identifier",
    "aws_elasticache_replication_group": "replication_group_id",
    "aws_lambda_function": "function_name",
    "aws_rds_cluster": "cluster_identifier",
    "aws_s3_bucket": "bucket",
}
_GIVEN_BY_AWS = re.compile(r"^alias/|\.fifo$")


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for names that are not like the pattern; there is none unless the settings have it."""
    if context.config.name_pattern is None:
        return
    pattern = re.compile(context.config.name_pattern)
    for resource in module.resources(*ARGUMENTS):
        attribute = resource.attribute(ARGUMENTS[resource.labels[0]])
        name = attribute.value if attribute else None
        if attribute is None or not isinstance(name, str) or not name:
            continue
        chosen = _GIVEN_BY_AWS.sub("", name)
        # Repositories and aliases may be paths.
        if "/" not in chosen and not pattern.search(chosen):
            yield RULE.finding(
                at=attribute,
                message=f"`{name}` is not like `{pattern.pattern}`",
                fix="Give it a name that is. A resource that is there already is made anew by that.",
                certain=not attribute.expression.assumed,
            )


RULE = Rule(
    id="naming-convention",
    title="Name that is not like the project's",
    severity=Severity.LOW,
    stage=Stage.NEVER,
    why="Policies, dashboards and people that go by the names leave it out.",
    reference="https://docs.aws.amazon.com/prescriptive-guidance/latest/terraform-aws-provider-best-practices/structure.html",
    check=check,
)
