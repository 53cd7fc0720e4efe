"""Runs the day of a sales rep and a day in the office through the generated client. Run by scripts/clients."""

import base64
import hmac
import io
import sys
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from haat_client import AuthenticatedClient, Client
from haat_client.api.assignments import apply_plan, create_plan, undo_batch
from haat_client.api.audit import list_audit
from haat_client.api.auth import (
    answer_mfa_challenge,
    change_password,
    enroll_mfa,
    get_me,
    log_in,
    log_out,
    refresh_tokens,
    verify_mfa,
)
from haat_client.api.import_ import get_import, import_retailers
from haat_client.api.map_ import create_territory, delete_territory, list_areas
from haat_client.api.people import create_user
from haat_client.api.retailers import list_retailers, update_retailer
from haat_client.api.retailers_admin import admin_get_retailer, create_retailer
from haat_client.models import (
    AreaPage,
    AssignmentGroup,
    AssignmentOutcome,
    AuditPage,
    ChangePasswordRequest,
    CreatePlan,
    Import,
    ImportForm,
    ImportState,
    ListAuditEntity,
    LogInRequest,
    LogInResponse,
    LogOutRequest,
    ManagedTerritory,
    Me,
    MfaChallengeRequest,
    MfaCodeRequest,
    MfaEnabled,
    MfaEnrollRequest,
    MfaSeed,
    NewRetailer,
    NewTerritory,
    NewUserAccount,
    NewUserRequest,
    NewUserRequestRolesItemType0,
    PoolRetailer,
    Problem,
    ProblemCode,
    ProblemReferences,
    RefreshRequest,
    Retailer,
    RetailerPage,
    RetailerPatch,
)
from haat_client.types import File

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
RUN = uuid.uuid4().hex[:8]
HEADERS = {"X-Device-Id": f"python-{RUN}"}
T = TypeVar("T")


def anonymous() -> Client:
    return Client(base_url=URL, headers=HEADERS)


def client(token: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=URL, token=token, headers=HEADERS)


def expect(kind: type[T], response: object) -> T:
    """Returns a response of this type."""
    assert isinstance(response, kind), response
    return response


def refused(response: object, code: ProblemCode) -> Problem:
    problem = expect(Problem, response)
    assert problem.code == code, problem
    return problem


def totp(secret: str, steps: int = 0) -> str:
    """Returns the six digits of an authenticator app (RFC 6238), `steps` periods of 30 seconds from now."""
    counter = (int(time.time()) // 30 + steps).to_bytes(8, "big")
    mac = hmac.digest(base64.b32decode(secret), counter, "sha1")
    start = mac[19] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def first_login(username: str, password: str) -> LogInResponse:
    body = LogInRequest(username=username, password=password)
    return expect(LogInResponse, log_in.sync(client=anonymous(), body=body))


def log_in_with_mfa(username: str, password: str, token: str) -> LogInResponse:
    """Turns the second factor on and logs in with it."""
    seed = expect(MfaSeed, enroll_mfa.sync(client=client(token), body=MfaEnrollRequest(password=password)))
    body = MfaCodeRequest(code=totp(seed.secret))
    assert len(expect(MfaEnabled, verify_mfa.sync(client=client(token), body=body)).recovery_codes) == 10
    credentials = LogInRequest(username=username, password=password)
    problem = refused(log_in.sync(client=anonymous(), body=credentials), ProblemCode.MFA_REQUIRED)
    answer = MfaChallengeRequest(mfa_token=expect(str, problem.mfa_token), code=totp(seed.secret, 1))
    lost = expect(LogInResponse, answer_mfa_challenge.sync(client=anonymous(), body=answer))
    again = expect(LogInResponse, answer_mfa_challenge.sync(client=anonymous(), body=answer))
    assert again.refresh_token == lost.refresh_token
    return again


def day_of_a_sales_rep() -> None:
    username, password = "sr00003", "Sr@12345"
    logged_in = log_in_with_mfa(username, password, first_login(username, password).access_token)
    api = client(logged_in.access_token)

    response = list_retailers.sync_detailed(client=api, limit=3, include_total=True)
    page = expect(RetailerPage, response.parsed)
    assert expect(int, page.page.total) >= len(page.data)
    unchanged = list_retailers.sync_detailed(
        client=api, limit=3, include_total=True, if_none_match=response.headers["etag"]
    )
    assert unchanged.status_code == HTTPStatus.NOT_MODIFIED

    name = expect(str, page.data[0].name)
    found = expect(RetailerPage, list_retailers.sync(client=api, q=name[:4], fields="uid,name"))
    uid, key = expect(str, found.data[0].uid), uuid.uuid4().hex
    visit = RetailerPatch(notes="Visited")
    visited = [update_retailer.sync(uid, client=api, body=visit, idempotency_key=key) for _ in range(2)]
    assert expect(Retailer, visited[0]).version == expect(Retailer, visited[1]).version
    problem = refused(update_retailer.sync(uid, client=api, body=RetailerPatch(points=-1)), ProblemCode.INVALID_FIELDS)
    assert isinstance(problem.errors, list) and problem.errors[0].field == "points"

    body = RefreshRequest(refresh_token=logged_in.refresh_token)
    refreshed = expect(LogInResponse, refresh_tokens.sync(client=anonymous(), body=body))
    api = client(refreshed.access_token)
    assert expect(Me, get_me.sync(client=api)).mfa_enabled
    end = LogOutRequest(refresh_token=refreshed.refresh_token)
    # The generated client always sends an access token here; it may have expired.
    assert log_out.sync_detailed(client=client("expired"), body=end).status_code == HTTPStatus.NO_CONTENT
    refused(get_me.sync(client=api), ProblemCode.TOKEN_REVOKED)


def office_client() -> AuthenticatedClient:
    """Creates an administrator and logs in with both factors."""
    admin = client(first_login("admin", "Admin@12345").access_token)
    username, password = f"py-{RUN}", f"Bazar@{RUN}"
    request = NewUserRequest(username=username, name="Karima Begum", roles=[NewUserRequestRolesItemType0.ADMIN])
    once = expect(str, expect(NewUserAccount, create_user.sync(client=admin, body=request)).one_time_password)
    first = first_login(username, once)
    assert first.user.must_change_password
    body = ChangePasswordRequest(current_password=once, new_password=password)
    changed = expect(LogInResponse, change_password.sync(client=client(first.access_token), body=body))
    return client(log_in_with_mfa(username, password, changed.access_token).access_token)


def poll(read: Callable[[], object]) -> Import:
    """Waits for the end of an import."""
    while True:
        job = expect(Import, read())
        if job.state not in (ImportState.QUEUED, ImportState.VALIDATING, ImportState.APPLYING):
            return job
        time.sleep(0.1)


def day_in_the_office() -> None:
    api = office_client()
    area = expect(AreaPage, list_areas.sync(client=api, limit=1)).data[0]
    new = NewTerritory(name=f"Python {RUN}", area=area.id)
    territory = expect(int, expect(ManagedTerritory, create_territory.sync(client=api, body=new)).id)
    uid = f"PY-{RUN}"
    shop = NewRetailer(uid=uid, name="Rahim Store", territory=territory)
    assert expect(PoolRetailer, create_retailer.sync(client=api, body=shop)).sales_reps == []
    problem = refused(delete_territory.sync(territory, client=api), ProblemCode.IN_USE)
    assert expect(ProblemReferences, problem.references)["retailers"] == 1

    group = AssignmentGroup(sales_rep="sr00002", retailers=[uid])
    plan = expect(AssignmentOutcome, create_plan.sync(client=api, body=CreatePlan(assignments=[group])))
    batch = expect(int, plan.batch_id)
    assert expect(AssignmentOutcome, apply_plan.sync(batch, client=api)).assigned == 1
    served = expect(PoolRetailer, admin_get_retailer.sync(uid, client=api))
    assert [rep.username for rep in served.sales_reps] == ["sr00002"]
    undo_batch.sync(batch, client=api)
    refused(apply_plan.sync(batch, client=api), ProblemCode.ALREADY_UNDONE)

    places = f"{area.region.name},{area.name},Python {RUN}"
    file = f"uid,name,region,area,territory\n{uid}-2,Karim Store,{places}\n{uid}-3,,{places}\n"
    form = ImportForm(file=File(payload=io.BytesIO(file.encode()), file_name="new.csv", mime_type="text/csv"))
    accepted = expect(Import, import_retailers.sync(client=api, body=form))
    job = poll(lambda: get_import.sync(accepted.id, client=api))
    assert job.state == ImportState.PARTIAL and job.rows.created == 1, job

    audit = expect(AuditPage, list_audit.sync(client=api, entity=ListAuditEntity.RETAILER, entity_id=uid))
    actors = {entry.actor.username for entry in audit.data if entry.actor and entry.action == "retailer.create"}
    assert actors == {f"py-{RUN}"}


day_of_a_sales_rep()
day_in_the_office()
