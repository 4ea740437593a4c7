"""What version 5 of the AWS provider has no more, of what was in use: an older configuration may have it still.

Written by hand from the provider's guide, and held against the schema of version 5 by a test:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-5-upgrade
"""

from docferry.preflight.rules._deprecated_notes import Note


def _gone(use: str, name: str = "") -> Note:
    return Note(use, since=4, removed=5, name=name)


def _renamed(name: str) -> Note:
    return _gone(f"`{name}`, its name since version 5", name)


_CLASSIC = _gone("the security groups of a VPC: AWS has ended EC2-Classic")
_ROTATION = _gone("the resource `aws_secretsmanager_secret_rotation`")

REMOVED: dict[tuple[str, str], dict[str, Note]] = {
    ("provider", "aws"): {
        "assume_role.duration_seconds": _gone('`duration`, such as `"1h"`'),
        "s3_force_path_style": _renamed("s3_use_path_style"),
        "shared_credentials_file": _gone("`shared_credentials_files`, a list"),
        "skip_get_ec2_platforms": _gone("nothing: there is nothing to get any more"),
    },
    ("resource", "aws_autoscaling_attachment"): {"alb_target_group_arn": _renamed("lb_target_group_arn")},
    ("resource", "aws_budgets_budget"): {"cost_filters": _gone("`cost_filter` blocks")},
    ("resource", "aws_db_instance"): {"name": _renamed("db_name"), "security_group_names": _CLASSIC},
    ("resource", "aws_db_security_group"): {"": _CLASSIC},
    ("resource", "aws_elasticache_cluster"): {"security_group_names": _CLASSIC},
    ("resource", "aws_elasticache_replication_group"): {
        # No other name for the same: there are as many as nodes, and the first one is the primary's.
        "availability_zones": _gone("`preferred_cache_cluster_azs`, a list whose order counts"),
        "number_cache_clusters": _renamed("num_cache_clusters"),
        "replication_group_description": _renamed("description"),
    },
    ("resource", "aws_elasticache_security_group"): {"": _CLASSIC},
    ("resource", "aws_kinesis_firehose_delivery_stream"): {
        "s3_configuration": _gone("`extended_s3_configuration`, or the block within that of the destination")
    },
    ("resource", "aws_launch_configuration"): {
        "vpc_classic_link_id": _CLASSIC,
        "vpc_classic_link_security_groups": _CLASSIC,
    },
    ("resource", "aws_msk_cluster"): {
        "broker_node_group_info.ebs_volume_size": _gone("`storage_info` in that block")
    },
    ("resource", "aws_redshift_cluster"): {"cluster_security_groups": _CLASSIC},
    ("resource", "aws_redshift_security_group"): {"": _CLASSIC},
    ("resource", "aws_secretsmanager_secret"): {
        "rotation_enabled": _ROTATION,
        "rotation_lambda_arn": _ROTATION,
        "rotation_rules": _ROTATION,
    },
    ("data", "aws_subnet_ids"): {"": _gone("the data source `aws_subnets`, with a `filter` on `vpc-id`")},
    ("resource", "aws_vpc"): {"enable_classiclink": _CLASSIC, "enable_classiclink_dns_support": _CLASSIC},
    ("resource", "aws_wafv2_web_acl"): {
        "rule.statement.managed_rule_group_statement.excluded_rule": _gone(
            "`rule_action_override`, with `count {}` as its action"
        )
    },
}
