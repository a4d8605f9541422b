"""`GET /`: the account document, which tells the SDK where to send everything else."""

from __future__ import annotations

from local.cosmos.messages import Request, Response, json_response

ACCOUNT_ID = "localhost"


def read_account(request: Request) -> Response:
    """The account: one region, at the address the client used, session consistency."""
    endpoint = f"{request.base_url}/"
    region = {"name": "South Central US", "databaseAccountEndpoint": endpoint}
    replication = {
        "asyncReplication": False,
        "minReplicaSetSize": 1,
        "maxReplicasetSize": 4,
    }
    return json_response(
        200,
        {
            "_self": "",
            "id": ACCOUNT_ID,
            "_rid": f"{ACCOUNT_ID}.sql.cosmosdb.local",
            "media": "//media/",
            "addresses": "//addresses/",
            "_dbs": "//dbs/",
            "writableLocations": [region],
            "readableLocations": [region],
            "enableMultipleWriteLocations": False,
            "userReplicationPolicy": replication,
            "systemReplicationPolicy": replication,
            "userConsistencyPolicy": {"defaultConsistencyLevel": "Session"},
            "readPolicy": {"primaryReadCoefficient": 1, "secondaryReadCoefficient": 1},
            "queryEngineConfiguration": "{}",
        },
        [
            (b"x-ms-max-media-storage-usage-mb", b"10240"),
            (b"x-ms-media-storage-usage-mb", b"0"),
        ],
    )
