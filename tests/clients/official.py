"""Microsoft's own client libraries against the emulator: sign-in of each kind over TLS, and Graph's client.

usage: official.py EMULATOR-JSON   (the first line that `pullprint emulate` prints)

Nothing of the libraries is changed; they are told where the cloud is, as for a sovereign cloud, and which CA to trust.
"""

import asyncio
import json
import sys
import urllib.parse
import urllib.request

import httpx
import msal
import requests
from azure.identity import CertificateCredential, ClientAssertionCredential, ClientSecretCredential
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.print_job import PrintJob
from msgraph.generated.models.print_job_configuration import PrintJobConfiguration
from msgraph.generated.print.printers.item.jobs.item.abort.abort_post_request_body import AbortPostRequestBody
from msgraph.generated.print.printers.item.jobs.jobs_request_builder import JobsRequestBuilder
from msgraph_core import GraphClientFactory

told = json.loads(sys.argv[1])
origin, ca, tenant, client_id = told["graph"], told["ca_file"], told["tenant"], told["client_id"]
authority, scope = f"{origin}/{tenant}", "https://graph.microsoft.com/.default"
secret = open(told["secret_file"]).read()
PERSON = "ada@contoso.example"


def door(path, body=b""):
    with urllib.request.urlopen(urllib.request.Request(f"{told['door']}/{path}", data=body, method="POST")) as answer:
        return json.load(answer)


def good(name, token):
    assert token, f"{name} got no token: {token}"
    print("signed in:", name)


def with_msal():
    common = {"authority": authority, "verify": ca, "instance_discovery": False}
    application = msal.ConfidentialClientApplication(client_id, client_credential=secret, **common)
    answer = application.acquire_token_for_client([scope])
    good("msal, secret", answer.get("access_token"))

    people = msal.PublicClientApplication(client_id, **common)
    flow = people.initiate_device_flow(["PrintJob.ReadBasic"])
    door(f"sign-in?code={flow['user_code']}&user={PERSON}")
    answer = people.acquire_token_by_device_flow(flow)
    good("msal, device code", answer.get("access_token"))
    assert answer["id_token_claims"]["preferred_username"] == PERSON, answer

    flow = people.initiate_auth_code_flow(["PrintJob.ReadBasic"], redirect_uri="http://localhost:1", login_hint=PERSON)
    back = requests.get(flow["auth_uri"], verify=ca, allow_redirects=False).headers["location"]
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))
    answer = people.acquire_token_by_auth_code_flow(flow, query)
    good("msal, authorization code", answer.get("access_token"))
    account = people.get_accounts()[0]
    again = people.acquire_token_silent(["PrintJob.ReadBasic"], account=account, force_refresh=True)
    good("msal, refresh", again and again.get("access_token"))


def with_azure_identity():
    host = {"authority": origin, "disable_instance_discovery": True, "connection_verify": ca}
    credential = ClientSecretCredential(tenant, client_id, secret, **host)
    good("azure-identity, secret", credential.get_token(scope).token)
    by_certificate = CertificateCredential(tenant, client_id, told["certificate_file"], **host)
    good("azure-identity, certificate", by_certificate.get_token(scope).token)
    federated = open(told["federated_token_file"]).read()
    by_assertion = ClientAssertionCredential(tenant, client_id, lambda: federated, **host)
    good("azure-identity, federated token", by_assertion.get_token(scope).token)
    return credential


async def with_graph(credential):
    allowed = urllib.parse.urlsplit(origin).netloc
    provider = AzureIdentityAuthenticationProvider(credential, scopes=[scope], allowed_hosts=[allowed, "127.0.0.1"])
    http = GraphClientFactory.create_with_default_middleware(
        client=httpx.AsyncClient(base_url=f"{origin}/v1.0", verify=ca, timeout=30)
    )
    adapter = GraphRequestAdapter(provider, http)
    adapter.base_url = f"{origin}/v1.0"
    graph = GraphServiceClient(request_adapter=adapter)

    printed = door(f"print?user={PERSON}&title=minutes", b"%PDF-1.4 the minutes")
    definitions = await graph.print.task_definitions.get()
    definition = graph.print.task_definitions.by_print_task_definition_id(definitions.value[0].id)
    tasks = await definition.tasks.get()
    assert [task.id for task in tasks.value] == [printed["task"]], tasks
    printer = graph.print.printers.by_printer_id(told["source_printer"])
    options = JobsRequestBuilder.JobsRequestBuilderGetQueryParameters(
        filter=f"createdBy/userPrincipalName eq '{PERSON}'", expand=["documents"]
    )
    jobs = await printer.jobs.get(JobsRequestBuilder.JobsRequestBuilderGetRequestConfiguration(query_parameters=options))
    assert jobs.value[0].documents[0].display_name == "minutes", jobs
    job = printer.jobs.by_print_job_id(printed["job"])
    change = PrintJob(configuration=PrintJobConfiguration(copies=2))
    changed = await job.patch(change)
    assert changed.configuration.copies == 2, changed
    document = job.documents.by_print_document_id(jobs.value[0].documents[0].id)
    assert await document.content.get() == b"%PDF-1.4 the minutes"
    await job.abort.post(AbortPostRequestBody(reason="not today"))
    ended = await job.get()
    assert ended.status.state.value == "aborted", ended.status
    print("worked: Graph's client")


with_msal()
asyncio.run(with_graph(with_azure_identity()))
