#!/usr/bin/env python3
"""Users of a mock into Parquet files or DuckDB by dlt, as its documentation recommends for speed: pages of 100, its parquet loader format."""

import os
import resource
import sys

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("RUNTIME__LOG_LEVEL", "ERROR")

import dlt
from dlt.sources.rest_api import rest_api_source

address, folder, form = sys.argv[1:4]
origin = address.removesuffix("/api/v2")
source = rest_api_source(
    {
        "client": {
            "base_url": f"{address}/",
            "auth": {
                "type": "oauth2_client_credentials",
                "access_token_url": f"{origin}/oauth/token",
                "client_id": "bench",
                "client_secret": "bench",
                "access_token_request_data": {"audience": "https://127.0.0.1/api/v2/"},
            },
        },
        "resources": [
            {
                "name": "users",
                "primary_key": "user_id",
                "endpoint": {
                    "path": "users",
                    "params": {"per_page": 100, "include_totals": "true"},
                    "data_selector": "users",
                    "paginator": {"type": "page_number", "base_page": 0, "total_path": None},
                },
            }
        ],
    }
)
if form == "duckdb":
    destination = dlt.destinations.duckdb(f"{folder}/users.duckdb")
else:
    destination = dlt.destinations.filesystem(bucket_url=f"file://{os.path.abspath(folder)}/data")
pipeline = dlt.pipeline("users", pipelines_dir=f"{folder}/pipelines", destination=destination, dataset_name="auth0")
pipeline.run(source, loader_file_format="parquet")
rows = pipeline.last_trace.last_normalize_info.row_counts["users"]
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
