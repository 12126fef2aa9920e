"""How worn a thing is, in words: the one place that names it."""

from xianyu.models import Condition

# From new to worn, as they are offered.
CONDITIONS: dict[str, str] = {
    Condition.NEW.value: "全新",
    Condition.LIKE_NEW.value: "几乎全新",
    Condition.GOOD.value: "九成新",
    Condition.FAIR.value: "八成新",
    Condition.WORN.value: "七成新及以下",
}


def condition_name(condition: str) -> str:
    """A condition's name; of one that is not given an empty string."""
    return CONDITIONS.get(condition, "")


def is_condition(condition: object) -> bool:
    """Whether that is a condition. Takes anything that a client may send."""
    return isinstance(condition, str) and condition in CONDITIONS
