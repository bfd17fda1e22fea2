"""The tools that are compared. Each gives the ids of a list one by one, and raises what its library raises."""

import logging
import os
import subprocess
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCRATCH = ROOT / "target" / "hostile-peers"

# Records of a page.
SIZE = 7


def read_by_dlt(origin, name):
    from dlt.sources.rest_api import rest_api_source

    endpoints = {
        "cursors": ("items", {"take": SIZE}, {"type": "cursor", "cursor_path": "next", "cursor_param": "from"}),
        # `total_path` is dlt's word for a number of pages, and this service tells the number of records.
        "numbered": ("items", {"per_page": SIZE}, {"type": "page_number", "base_page": 0, "total_path": None}),
        "offsets": ("page.items", {}, {"type": "offset", "limit": SIZE, "total_path": "page.total"}),
        "linked": ("$", {"per_page": SIZE}, {"type": "header_link"}),
    }
    selector, params, paginator = endpoints[name]
    auth = {
        "type": "oauth2_client_credentials",
        "access_token_url": f"{origin}/oauth/token",
        "client_id": "peer",
        "client_secret": "peer",
    }
    endpoint = {"path": name, "params": params, "data_selector": selector, "paginator": paginator}
    source = rest_api_source(
        {
            "client": {"base_url": f"{origin}/v1/", "auth": auth},
            "resources": [{"name": name, "endpoint": endpoint}],
        }
    )
    for record in source.resources[name]:
        yield record.get("id")


def read_by_cdk(origin, name):
    from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer, Type
    from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource

    def pages(strategy, token, size):
        option = {"type": "RequestOption", "inject_into": "request_parameter"}
        return {
            "type": "DefaultPaginator",
            "pagination_strategy": strategy,
            "page_token_option": {"type": "RequestPath"} if token is None else {**option, "field_name": token},
            "page_size_option": {**option, "field_name": size},
        }

    def cursor(value, stop):
        return {"type": "CursorPagination", "page_size": SIZE, "cursor_value": value, "stop_condition": stop}

    endpoints = {
        "cursors": (["items"], pages(cursor("{{ response.get('next') }}", "{{ not response.get('next') }}"), "from", "take")),
        "numbered": (
            ["items"],
            pages({"type": "PageIncrement", "page_size": SIZE, "inject_on_first_request": True}, "page", "per_page"),
        ),
        "offsets": (["page", "items"], pages({"type": "OffsetIncrement", "page_size": SIZE}, "offset", "limit")),
        "linked": (
            [],
            pages(cursor("{{ headers['link']['next']['url'] }}", "{{ 'next' not in headers['link'] }}"), None, "per_page"),
        ),
        "tails": (["items"], pages(cursor("{{ last_record['id'] }}", "{{ last_page_size == 0 }}"), "after", "limit")),
    }
    selector, paginator = endpoints[name]
    login = {
        "type": "OAuthAuthenticator",
        "token_refresh_endpoint": f"{origin}/oauth/token",
        "client_id": "peer",
        "client_secret": "peer",
        "grant_type": "client_credentials",
    }
    schema = {"type": "object", "additionalProperties": True, "properties": {"id": {"type": "string"}}}
    stream = {
        "type": "DeclarativeStream",
        "name": name,
        "primary_key": ["id"],
        "schema_loader": {"type": "InlineSchemaLoader", "schema": schema},
        "retriever": {
            "type": "SimpleRetriever",
            "requester": {
                "type": "HttpRequester",
                "url_base": f"{origin}/v1/",
                "path": name,
                "http_method": "GET",
                "authenticator": login,
            },
            "record_selector": {
                "type": "RecordSelector",
                "extractor": {"type": "DpathExtractor", "field_path": selector},
            },
            "paginator": paginator,
        },
    }
    manifest = {
        "version": metadata.version("airbyte-cdk"),
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": [name]},
        "streams": [stream],
    }
    mode = {"sync_mode": "full_refresh", "destination_sync_mode": "append"}
    described = {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    catalog = ConfiguredAirbyteCatalogSerializer.load({"streams": [{"stream": described, **mode}]})
    source = ConcurrentDeclarativeSource(catalog=catalog, config={}, state=[], source_config=manifest)
    for message in source.read(logging.getLogger("airbyte"), {}, catalog, []):
        if message.type == Type.RECORD:
            yield message.record.data.get("id")


def read_by_ours(origin, name):
    environment = {**os.environ, "PAGING__CLIENT_ID": "peer", "PAGING__CLIENT_SECRET": "peer"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environment}
    process = subprocess.Popen([SCRATCH / "target/debug/reader", f"{origin}/v1", name], **pipes)
    for line in process.stdout:
        yield line.strip()
    said = process.stderr.read()
    if process.wait() != 0:
        raise Told(said.strip())


class Told(Exception):
    """An error of our crate; its text is the kind."""


TOOLS = {"dlt": read_by_dlt, "CDK": read_by_cdk, "ours": read_by_ours}
LISTS = ("cursors", "numbered", "offsets", "linked", "tails")

# dlt has no paginator that goes by the last record.
NOT_SAID = {("dlt", "tails")}

MANIFEST = """[package]
name = "reader"
version = "0.0.0"
edition = "2024"

[dependencies]
paging = {{ path = "{paging}" }}
tokio = {{ version = "1", features = ["macros", "rt-multi-thread"] }}

[workspace]
"""

PROGRAM = """use paging::Client;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (base_url, list) = (arguments.next().unwrap(), arguments.next().unwrap());
    let client = Client::builder().from_env().base_url(base_url).build().unwrap();
    let mut items = match list.as_str() {
        "cursors" => client.cursors().items(),
        "numbered" => client.numbered().items(),
        "offsets" => client.offsets().items(),
        "linked" => client.linked().items(),
        "tails" => client.tails().items(),
        other => panic!("no list `{other}`"),
    };
    loop {
        match items.try_next().await {
            Ok(Some(item)) => println!("{}", item.id),
            Ok(None) => break,
            Err(error) => {
                eprintln!("{:?}: {error}", error.kind());
                std::process::exit(1);
            }
        }
    }
}
"""


def build_reader():
    """A program that reads a list with our crate."""
    (SCRATCH / "src").mkdir(parents=True, exist_ok=True)
    (SCRATCH / "Cargo.toml").write_text(MANIFEST.format(paging=ROOT / "tests/generated/paging"))
    (SCRATCH / "src/main.rs").write_text(PROGRAM)
    (SCRATCH / "Cargo.lock").write_bytes((ROOT / "Cargo.lock").read_bytes())
    environment = {**os.environ, "CARGO_TARGET_DIR": str(SCRATCH / "target")}
    subprocess.run(["cargo", "build", "--quiet"], cwd=SCRATCH, env=environment, check=True)
