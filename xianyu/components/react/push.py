"""The switch that has this browser told of messages while no page is open."""

import reflex as rx

_library = rx.asset(path="push_switch.jsx", shared=True).importable_path


class PushSwitch(rx.Component):
    """A switch that asks for the browser's permission, and sentences where there is something in its way.

    ``endpoint`` is where the server tells this browser, empty where it does not.
    """

    library = _library
    tag = "PushSwitch"

    server_key: rx.Var[str]
    endpoint: rx.Var[str]
    error: rx.Var[str]
    on_subscribe: rx.EventHandler[rx.event.passthrough_event_spec(str, str, str)]
    on_unsubscribe: rx.EventHandler[rx.event.no_args_event_spec]


push_switch = PushSwitch.create
