"""What is told about alarms and their rules."""

from lxsaas.core.messages import N_, register

register(
    {
        "alarm_remark_missing": N_("Say what you know or will do."),
        "alarm_rule_kind": N_("There is no such kind of rule."),
        "alarm_rule_level": N_("This kind of rule is not for this level."),
        "alarm_rule_indicator": N_("Choose an indicator that fits this kind of rule."),
        "alarm_rule_bound": N_("Give a whole number from %(least)s to %(most)s."),
        "alarm_rule_no_target": N_("There is no target of this indicator: give the bound itself."),
        "alarm_rule_periods": N_("Give a whole number from 1 to 12."),
    }
)
