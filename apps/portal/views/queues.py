"""What waits for the program's office: counts, lists, one item and who works on it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts import selectors as accounts
from apps.accounts.models import User
from apps.core import clock
from apps.core.call import Actor, Role
from apps.oversight import selectors, services
from apps.oversight.selectors import Item
from apps.patients import selectors as patients
from apps.patients import standing
from apps.portal.access import PortalRequest, page, saw, shows
from apps.portal.forms import PortalForm
from apps.portal.office_forms import AssignForm, NoteForm
from apps.portal.program import PROGRAM
from apps.portal.submitting import attempt, once
from apps.providers import selectors as providers
from apps.providers.roles import role_label
from apps.providers.selectors import Post

STAFF = (Role.STAFF, Role.ADMINISTRATOR)
OFFICE = (*STAFF, Role.AUDITOR)
PAGE_SIZE = 50


@page(*OFFICE)
def queues(request: PortalRequest) -> HttpResponse:
    """Every kind of item: how many wait, how many are late, whose they are, who asks has taken."""
    actor = request.call.actor
    context = {
        "queues": selectors.queues(actor, program=PROGRAM, now=clock.now()),
        "role": actor.role.value,
        "is_auditor": actor.role is Role.AUDITOR,
    }
    return render(request, "office/queues.html", context)


@page(*OFFICE)
def queue(request: PortalRequest, kind: str) -> HttpResponse:
    """The items of one kind, those with the nearest target first."""
    now, call = clock.now(), request.call
    rows = selectors.waiting(call.actor, kind, program=PROGRAM, now=now)
    shown = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    items = selectors.items(list(shown), kind, program=PROGRAM, now=now)
    if items:
        saw(
            request,
            "queue_listed",
            patient_ids=[named for item in items for named in item.patient_ids],
            data={"kind": kind, "ids": [str(item.subject_id) for item in items]},
        )
    context = {
        "source": selectors.source_of(kind),
        "target": selectors.target_of(kind, program=PROGRAM, now=now),
        "page": shown,
        "items": items,
        "me": call.actor.id,
        "crumbs": trail(),
    }
    return render(request, "office/queue.html", context)


@page(*OFFICE)
def queue_item(request: PortalRequest, kind: str, subject_id: UUID) -> HttpResponse:
    """One item: what it is about, what to do, where it is done, and who works on it."""
    item = waiting_item(request, kind, subject_id)
    saw(
        request,
        "queue_item_viewed",
        patient_id=item.patient_id,
        patient_ids=item.other_ids or None,
        data={"kind": kind, "subject_id": str(subject_id)},
    )
    form = PortalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        taken = attempt(form, lambda: services.take(once(request, form), **_about(item)))
        if taken is not None:
            messages.success(request, "You work on this now.")
            return redirect("queue_item", kind=kind, subject_id=subject_id)
    context = {
        "item": item,
        "form": form,
        "facts": _facts(item, request.call.actor),
        "record_url": record_url(item),
        "reset_url": _reset_url(item, request.call.actor.role),
        "settle_url": _settle_url(item, request.call.actor.role),
        "may_work": request.call.actor.role in STAFF,
        "may_take": _may_take(item, request.call.actor.role),
        "crumbs": trail(kind),
    }
    return render(request, "office/item.html", context)


@page(*STAFF)
def assign_item(request: PortalRequest, kind: str, subject_id: UUID) -> HttpResponse:
    """Give an item to somebody of the office."""
    item = waiting_item(request, kind, subject_id)
    form = AssignForm(request.POST or None, people=selectors.people_who_work(item.owner))
    if request.method == "POST" and form.is_valid():
        assigned = attempt(
            form,
            lambda: services.assign(
                once(request, form),
                **_about(item),
                assignee_id=UUID(form.cleaned_data["assignee_id"]),
                note=form.cleaned_data["note"],
            ),
        )
        if assigned is not None:
            messages.success(request, f"{assigned.assignee} works on this from now on.")
            return redirect("queue", kind=kind)
    return render(
        request,
        "office/act.html",
        _act(
            item,
            form,
            title="Assign",
            text=f"{_named(item)}. Whoever has it sees to it that it is done by its target time.",
            submit="Assign",
        ),
    )


@page(*STAFF)
def give_back_item(request: PortalRequest, kind: str, subject_id: UUID) -> HttpResponse:
    """Give an item back to the queue, with a note for whoever goes on."""
    item = waiting_item(request, kind, subject_id)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = attempt(
            form,
            lambda: services.give_back(
                once(request, form), **_about(item), note=form.cleaned_data["note"]
            ),
        )
        if given is not None:
            messages.success(request, "It waits for everybody again.")
            return redirect("queue", kind=kind)
    return render(
        request,
        "office/act.html",
        _act(
            item,
            form,
            title="Give back",
            text=f"{_named(item)}. Say how far it is, for whoever goes on with it.",
            submit="Give back to the queue",
        ),
    )


@page(*STAFF)
def settle_notice(request: PortalRequest, subject_id: UUID) -> HttpResponse:
    """Take a message that reached nobody off the list, saying what was done instead."""
    return _settle(
        request,
        "undeliverable_notice",
        subject_id,
        title="Settle this message",
        text="It reached nobody: say how the person was told instead.",
        done="The message is settled.",
    )


@page(Role.ADMINISTRATOR)
def settle_sign_ins(request: PortalRequest, subject_id: UUID) -> HttpResponse:
    """Take an account that was kept out off the list, saying who it was."""
    return _settle(
        request,
        "failed_sign_ins",
        subject_id,
        title="Settle these failed sign-ins",
        text="Say who tried to sign in, how you know, and what you did.",
        done="They are settled. The next lock-out is a new item.",
    )


def _settle(
    request: PortalRequest, kind: str, subject_id: UUID, *, title: str, text: str, done: str
) -> HttpResponse:
    item = waiting_item(request, kind, subject_id)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        settled = attempt(
            form,
            lambda: services.settle(
                once(request, form), **_about(item), note=form.cleaned_data["note"]
            ),
        )
        if settled is not None:
            messages.success(request, done)
            return redirect("queue", kind=item.kind)
    return render(
        request,
        "office/act.html",
        _act(item, form, title=title, text=f"{_named(item)}. {text}", submit="Settle it"),
    )


def _named(item: Item) -> str:
    return f"{item.label}: {item.patient}" if item.patient else item.label


def waiting_item(request: PortalRequest, kind: str, subject_id: UUID) -> Item:
    """The item of the address. Raises Http404 for what does not wait (any more)."""
    now = clock.now()
    rows = selectors.waiting(request.call.actor, kind, program=PROGRAM, now=now)
    found = selectors.items(list(rows.filter(pk=subject_id)), kind, program=PROGRAM, now=now)
    if not found:
        raise Http404
    shows(request, found[0].patient_id, found[0].other_ids)
    return found[0]


def record_url(item: Item) -> str:
    """Where an item is worked: its page here, or its record in the administration."""
    if item.subject_model == "evidence.deviation":
        return reverse("deviation", args=[item.subject_id])
    if item.kind == "undeliverable_notice":
        return reverse("settle_notice", args=[item.subject_id])
    return reverse(f"admin:{item.subject_model.replace('.', '_')}_change", args=[item.subject_id])


def _may_take(item: Item, role: Role) -> bool:
    """Whether an item can be one's own: an administrator's only an administrator's."""
    return role is Role.ADMINISTRATOR or (role in STAFF and item.owner != Role.ADMINISTRATOR)


def _settle_url(item: Item, role: Role) -> str:
    """Where what has no end of its own is settled, beside its record."""
    if item.kind != "failed_sign_ins" or role is not Role.ADMINISTRATOR:
        return ""
    return reverse("settle_sign_ins", args=[item.subject_id])


def _reset_url(item: Item, role: Role) -> str:
    """Where the office voids what somebody signs in with, and ends their sign-ins."""
    person = _person(item)
    if person is None or role not in STAFF or not person.has_usable_password():
        return ""
    at_office = any(each.role in OFFICE for each in providers.posts_of(person))
    if role is not Role.ADMINISTRATOR and at_office:
        return ""
    return reverse("admin:accounts_user_do", args=[person.pk, "reset-sign-in"])


def _person(item: Item) -> User | None:
    """The account that an item is about, where it is about one."""
    return accounts.person(item.subject_id) if item.kind == "failed_sign_ins" else None


def trail(kind: str = "") -> list[dict[str, str]]:
    """The way to a page below the queues."""
    steps = [{"label": "Queues", "url": reverse("queues")}]
    if kind:
        label = selectors.source_of(kind).title
        steps.append({"label": label, "url": reverse("queue", args=[kind])})
    return steps


def _about(item: Item) -> dict[str, Any]:
    return {"program": PROGRAM, "kind": item.kind, "subject_id": item.subject_id}


def _facts(item: Item, actor: Actor) -> list[dict[str, Any]]:
    return [
        {"label": "What", "text": item.label},
        *(_of_person(person) if (person := _person(item)) else _of_patient(item)),
        *_others(item, actor),
        *_what_failed(item, actor),
        *_whom_to_call(item, actor),
        {"label": "Owner", "text": item.owner.capitalize()},
        {"label": "Waits since", "at": item.opened_at},
        {"label": "To be done by", "at": item.target_at},
        {"label": "Who works on it", "text": item.assignee or "nobody yet"},
        *([{"label": "Note for whoever works on it", "text": item.note}] if item.note else ()),
    ]


def _of_patient(item: Item) -> list[dict[str, Any]]:
    patient = {"label": "Patient", "text": item.patient or "about no patient"}
    if item.patient_id:
        patient["url"] = reverse("admin:patients_patient_change", args=[item.patient_id])
    return [patient]


def _of_person(person: User) -> list[dict[str, Any]]:
    """Who it is, where they work, and the number there: a call tells whether it was they."""
    return [
        {"label": "Person", "text": f"{person}, {person.email}"},
        *(
            {
                "label": f"{role_label(each.role)}, {each.organization}",
                "text": _number(each),
            }
            for each in providers.posts_of(person)
        ),
    ]


def _number(post: Post) -> str:
    if not post.phone:
        return "The program knows no number: ask a colleague who knows them."
    behalf = f" (of {post.on_behalf_of}, for whom they act)" if post.on_behalf_of else ""
    return f"Phone {post.phone}{behalf}"


def _others(item: Item, actor: Actor) -> list[dict[str, Any]]:
    """The further patients whom the item names: their records are compared with this one."""
    named = patients.visible_to(actor).filter(pk__in=item.other_ids).order_by("registered_at", "pk")
    return [
        {
            "label": "The other record",
            "text": f"{each}, born {each.born_on:%-d %B %Y}",
            "url": reverse("admin:patients_patient_change", args=[each.pk]),
        }
        for each in (named if item.other_ids else ())
    ]


def _what_failed(item: Item, actor: Actor) -> list[dict[str, Any]]:
    """The address that reaches nobody, how that was found out, and where another one is entered."""
    if item.kind != "undeliverable_address":
        return []
    found = standing.undeliverable_visible_to(actor).filter(pk=item.subject_id).first()
    if found is None:
        return []
    told = [
        {"label": "Address", "text": found.address},
        {"label": "How it was found out", "text": found.finding},
    ]
    if actor.role in STAFF:
        url = reverse("admin:patients_patient_do", args=[item.patient_id, "contact"])
        form = {"text": "Correct how the patient is reached", "url": url}
        told.append({"label": "Another address", **form})
    return told


def _whom_to_call(item: Item, actor: Actor) -> list[dict[str, Any]]:
    """The patient's number, and the prescriber with theirs: most items begin with a call."""
    if item.patient_id is None:
        return []
    seen = patients.visible_to(actor).select_related("prescriber")
    if (person := seen.filter(pk=item.patient_id).first()) is None:
        return []
    prescriber = person.prescriber
    return [
        {"label": "Patient’s phone", "text": person.phone},
        {"label": "Prescriber", "text": f"{prescriber.full_name}, {prescriber.phone}"},
    ]


def _act(item: Item, form: PortalForm, *, title: str, text: str, submit: str) -> dict[str, Any]:
    return {
        "form": form,
        "title": title,
        "text": text,
        "submit": submit,
        "back_url": reverse("queue_item", args=[item.kind, item.subject_id]),
        "back": "Back, and do nothing",
        "crumbs": trail(item.kind),
    }
