"""Commands on people, their sign-ins, and the systems that call the API."""

from apps.accounts.services.clients import (
    end_api_client,
    end_earlier_secret,
    new_client_secret,
    register_api_client,
    rotate_client_secret,
    set_client_keys,
    set_client_scopes,
)
from apps.accounts.services.people import (
    OFFICE,
    PLACES,
    add_member,
    appoint_administrator,
    end_membership,
    invite_member,
    person,
    remove_member,
)
from apps.accounts.services.sign_ins import (
    End,
    begin,
    call_of,
    end_all,
    end_one,
    end_other_sign_ins,
    end_sign_in,
    keep,
    reset_sign_in,
)

__all__ = [
    "OFFICE",
    "PLACES",
    "End",
    "add_member",
    "appoint_administrator",
    "begin",
    "call_of",
    "end_all",
    "end_api_client",
    "end_earlier_secret",
    "end_membership",
    "end_one",
    "end_other_sign_ins",
    "end_sign_in",
    "invite_member",
    "keep",
    "new_client_secret",
    "person",
    "register_api_client",
    "remove_member",
    "reset_sign_in",
    "rotate_client_secret",
    "set_client_keys",
    "set_client_scopes",
]
