"""What the provider's schema does not say of the deprecated: what to use instead, and which version lacks it.

Written by hand from the provider's guides:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade and version-4-upgrade.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """What to use, the major version since which it is deprecated, and the one that removed it, if one did.

    `name` is that of an argument that takes the same value, where nothing but the name has changed.
    """

    use: str
    since: int = 5
    removed: int | None = None
    name: str = ""


def _gone(use: str) -> Note:
    return Note(use, removed=6)


def _renamed(name: str) -> Note:
    return Note(f"`{name}`, its name since version 6", since=6, removed=6)


_STAGE = _gone("the resource `aws_api_gateway_stage`")
_OPTIONS = "the block `cpu_options`"
OPSWORKS = _gone("another service: AWS has ended OpsWorks Stacks")
_GRAPHICS = _gone("nothing: AWS has ended Elastic Graphics")
_INFERENCE = _gone("nothing: AWS has ended Elastic Inference")
_OF_REGION = "its name since version 6, where `region` says where the resource is managed"

NOTES: dict[tuple[str, str], dict[str, Note]] = {
    ("resource", "aws_iam_role"): {
        "managed_policy_arns": Note("an `aws_iam_role_policy_attachment` for each policy"),
        "inline_policy": Note("an `aws_iam_role_policy` for each policy"),
    },
    ("resource", "aws_s3_bucket"): {
        "acceleration_status": Note("`aws_s3_bucket_accelerate_configuration`"),
        "acl": Note("`aws_s3_bucket_acl`"),
        "cors_rule": Note("`aws_s3_bucket_cors_configuration`"),
        "grant": Note("`aws_s3_bucket_acl`"),
        "lifecycle_rule": Note("`aws_s3_bucket_lifecycle_configuration`"),
        "logging": Note("`aws_s3_bucket_logging`"),
        "object_lock_configuration": Note("`object_lock_enabled` and `aws_s3_bucket_object_lock_configuration`"),
        "policy": Note("`aws_s3_bucket_policy`"),
        "replication_configuration": Note("`aws_s3_bucket_replication_configuration`"),
        "request_payer": Note("`aws_s3_bucket_request_payment_configuration`"),
        "server_side_encryption_configuration": Note("`aws_s3_bucket_server_side_encryption_configuration`"),
        "versioning": Note("`aws_s3_bucket_versioning`"),
        "website": Note("`aws_s3_bucket_website_configuration`"),
        "website_domain": Note("`website_domain` of `aws_s3_bucket_website_configuration`"),
        "website_endpoint": Note("`website_endpoint` of `aws_s3_bucket_website_configuration`"),
    },
    ("resource", "aws_s3_bucket_object"): {
        "": Note("`aws_s3_object`, with `removed` and `import` blocks so that the objects stay")
    },
    ("data", "aws_s3_bucket_object"): {"": Note("`aws_s3_object`")},
    ("data", "aws_s3_bucket_objects"): {"": Note("`aws_s3_objects`")},
    ("resource", "aws_s3_bucket_lifecycle_configuration"): {"rule.prefix": Note("`filter { prefix = ... }`")},
    ("resource", "aws_s3_bucket_replication_configuration"): {"rule.prefix": Note("`filter { prefix = ... }`")},
    ("data", "aws_region"): {"name": Note("`region`", since=6)},
    ("data", "aws_iam_policy_document"): {
        "source_json": Note("`source_policy_documents`"),
        "override_json": Note("`override_policy_documents`"),
    },
    ("resource", "aws_api_gateway_account"): {"reset_on_delete": _gone("nothing: it is always reset")},
    ("resource", "aws_api_gateway_deployment"): dict.fromkeys(
        ("stage_name", "stage_description", "canary_settings", "invoke_url", "execution_arn"), _STAGE
    ),
    ("resource", "aws_batch_compute_environment"): {
        "compute_environment_name": _renamed("name"),
        "compute_environment_name_prefix": _renamed("name_prefix"),
    },
    ("data", "aws_batch_compute_environment"): {"compute_environment_name": _renamed("name")},
    ("resource", "aws_batch_job_queue"): {"compute_environments": _gone("`compute_environment_order` blocks")},
    ("resource", "aws_cloudformation_stack_set_instance"): {
        "region": Note(f"`stack_set_instance_region`, {_OF_REGION}", since=6)
    },
    ("resource", "aws_cloudwatch_event_rule"): {"is_enabled": Note('`state = "ENABLED"` or `"DISABLED"`')},
    ("resource", "aws_config_aggregate_authorization"): {
        "region": Note(f"`authorized_aws_region`, {_OF_REGION}", since=6)
    },
    ("resource", "aws_dms_endpoint"): {
        "s3_settings": Note("the resource `aws_dms_s3_endpoint`", since=6, removed=6)
    },
    ("resource", "aws_dx_gateway_association"): {"vpn_gateway_id": _gone("`associated_gateway_id`")},
    ("resource", "aws_dx_hosted_connection"): {"region": Note(f"`connection_region`, {_OF_REGION}", since=6)},
    ("resource", "aws_ecs_task_definition"): {
        "inference_accelerator": Note("nothing: AWS has ended Elastic Inference", since=6, removed=6)
    },
    ("data", "aws_ecs_task_execution"): {"overrides.inference_accelerator_overrides": _INFERENCE},
    ("resource", "aws_eip"): {"vpc": _gone('`domain = "vpc"`')},
    ("resource", "aws_eks_addon"): {
        "resolve_conflicts": _gone("`resolve_conflicts_on_create` and `resolve_conflicts_on_update`")
    },
    ("resource", "aws_flow_log"): {"log_group_name": _gone("`log_destination`, with the ARN of the group")},
    ("resource", "aws_guardduty_detector"): {
        "datasources": Note("the resource `aws_guardduty_detector_feature`", since=6)
    },
    ("resource", "aws_guardduty_organization_configuration"): {
        "auto_enable": _gone("`auto_enable_organization_members`"),
        "datasources": Note("the resource `aws_guardduty_organization_configuration_feature`", since=6),
    },
    ("data", "aws_identitystore_group"): {"filter": _gone("`alternate_identifier`")},
    ("data", "aws_identitystore_user"): {"filter": _gone("`alternate_identifier`")},
    ("resource", "aws_instance"): {
        "cpu_core_count": _gone(f"`core_count` in {_OPTIONS}"),
        "cpu_threads_per_core": _gone(f"`threads_per_core` in {_OPTIONS}"),
    },
    ("resource", "aws_kinesis_analytics_application"): {
        "": Note("`aws_kinesisanalyticsv2_application`: AWS has ended Kinesis Data Analytics for SQL", since=6)
    },
    ("resource", "aws_launch_template"): {
        "elastic_gpu_specifications": _GRAPHICS,
        "elastic_inference_accelerator": _INFERENCE,
    },
    ("data", "aws_launch_template"): {
        "elastic_gpu_specifications": _GRAPHICS,
        "elastic_inference_accelerator": _INFERENCE,
    },
    ("resource", "aws_networkmanager_core_network"): {"base_policy_region": _gone("`base_policy_regions`")},
    ("resource", "aws_opensearch_domain"): {"kibana_endpoint": _gone("`dashboard_endpoint`")},
    ("data", "aws_opensearch_domain"): {"kibana_endpoint": _gone("`dashboard_endpoint`")},
    ("data", "aws_quicksight_data_set"): {"tags_all": _gone("`tags`")},
    ("data", "aws_service_discovery_service"): {"tags_all": _gone("`tags`")},
    ("resource", "aws_redshift_cluster"): {
        "logging": _gone("the resource `aws_redshift_logging`"),
        "snapshot_copy": _gone("the resource `aws_redshift_snapshot_copy`"),
    },
    ("data", "aws_redshift_service_account"): {"": Note("the service's name, `redshift.amazonaws.com`")},
    ("resource", "aws_sagemaker_notebook_instance"): {
        "accelerator_types": _gone("an `instance_type` that has one")
    },
    ("resource", "aws_servicequotas_template"): {"region": Note(f"`aws_region`, {_OF_REGION}", since=6)},
    ("resource", "aws_simpledb_domain"): {"": _gone("another service, such as DynamoDB")},
    ("resource", "aws_spot_instance_request"): {
        "block_duration_minutes": Note("nothing", since=6, removed=6),
        "cpu_core_count": _gone(f"`core_count` in {_OPTIONS}"),
        "cpu_threads_per_core": _gone(f"`threads_per_core` in {_OPTIONS}"),
    },
    ("resource", "aws_ssm_association"): {"instance_id": _gone("`targets`, with `InstanceIds` as its key")},
    ("resource", "aws_worklink_fleet"): {"": _gone("another service: AWS has ended WorkLink")},
    ("resource", "aws_worklink_website_certificate_authority_association"): {
        "": _gone("another service: AWS has ended WorkLink")
    },
    ("provider", "aws"): {
        f"endpoints.{name}": Note("nothing: the provider has this service no more", since=6, removed=6)
        for name in ("opsworks", "sdb", "simpledb", "worklink")
    },
}
