"""An alarm tells somebody."""

from collections.abc import Iterator

from docferry.preflight.finding import Finding, Outcome, Severity, Stage, Undecided
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.json_text import decoded
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Template, Value
from docferry.preflight.rule import Context, Placed, Rule
from docferry.preflight.rules._lambda import text_of

COMPOSITE = "aws_cloudwatch_composite_alarm"
ALARMS = ("aws_cloudwatch_metric_alarm", COMPOSITE)
ACTIONS = "alarm_actions"
# These show an alarm or pass it on: nobody is told by that.
_ONLY_SHOWN = ("locals", "output")
# These may name an alarm that they look at.
_BY_NAME = ("aws_codedeploy_deployment_group", "aws_ecs_service", "aws_route53_health_check")
_DASHBOARD = "aws_cloudwatch_dashboard"


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for alarms without actions that nothing else takes notice of."""
    patterns = list(_patterns(module))
    if not module.complete or any(isinstance(one, dict) and _is_of_alarms(one) for one in patterns):
        return
    heard = any(not isinstance(one, dict) for one in patterns)
    naming = [_rule_of(one) for one in module.resources(COMPOSITE)]
    naming += [one.text for one in module.resources(*_BY_NAME)]
    for alarm in module.resources(*ALARMS):
        if alarm.value(ACTIONS) in (None, []) and alarm.value("actions_enabled") in (None, True, "true"):
            named = any(name in one for name in _names(alarm) for one in naming)
            if not named and not _is_used(alarm, module):
                yield _outcome(alarm, module, perhaps_heard=heard)


def _outcome(alarm: Block, module: Module, *, perhaps_heard: bool) -> Finding | Undecided:
    actions = alarm.attribute(ACTIONS)
    assumed = actions is not None and actions.expression.assumed
    if assumed and not module.callers:
        return RULE.undecided(at=alarm, what_is_unknown="its actions: they come from a variable")
    within = module.callers or module.directory != "."
    if within and any(one.type == "output" for one in module.referrers(alarm)):
        return RULE.undecided(at=alarm, what_is_unknown="whether a calling module takes notice of it")
    if perhaps_heard:
        return RULE.undecided(at=alarm, what_is_unknown="whether a rule of EventBridge gets to know of it")
    at: Placed = actions or alarm
    return RULE.finding(
        at=at,
        message="nobody is told when it goes off",
        fix=f"Set `{ACTIONS}`, such as to a topic of SNS, or name it in the rule of a composite alarm.",
        certain=not assumed,
    )


def _names(alarm: Block) -> Iterator[str]:
    """Give what an alarm is called, and how that is written, which is alike where a part is not known."""
    name = alarm.attribute("alarm_name")
    if name is not None:
        yield name.expression.text.strip('"')
        if isinstance(name.value, str):
            yield name.value


def _rule_of(composite: Block) -> str:
    attribute = composite.attribute("alarm_rule")
    return f"{attribute.expression.text} {text_of(attribute.value)}" if attribute else ""


def _is_used(alarm: Block, module: Module) -> bool:
    """Whether a composite alarm, a deployment or the like takes notice of an alarm."""
    return any(
        one is not alarm and one.type not in _ONLY_SHOWN and one.labels[:1] != (_DASHBOARD,)
        for one in module.referrers(alarm)
    )


def _patterns(module: Module) -> Iterator[Value]:
    """Give the patterns of EventBridge's rules, read where they are JSON."""
    for rule in module.resources("aws_cloudwatch_event_rule"):
        pattern = rule.value("event_pattern")
        if pattern is not None:
            yield decoded(pattern) if isinstance(pattern, str | Template) else pattern


def _is_of_alarms(pattern: dict[str, Value]) -> bool:
    """Whether events of alarms are like a pattern, and so somebody may be told of all of them."""
    return _may_be(pattern.get("source"), "aws.cloudwatch") and _may_be(
        pattern.get("detail-type"), "CloudWatch Alarm State Change"
    )


def _may_be(wanted: Value, name: str) -> bool:
    """Whether a field's patterns take a name: none is asked for, it is among them, or not all are plain."""
    return not isinstance(wanted, list) or any(not isinstance(one, str) or one == name for one in wanted)


RULE = Rule(
    id="alarm-without-action",
    title="Alarm that tells nobody",
    severity=Severity.MEDIUM,
    stage=Stage.RUN,
    why="It turns red in the console, where nobody looks at that moment.",
    reference="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Acting_Alarm_Changes.html",
    check=check,
)
