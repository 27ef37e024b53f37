"""Asks Feast's SDK the questions that come as JSON, and prints what it answers."""

import json
import sys

from feast import FeatureStore
from feast.protos.feast.serving.ServingService_pb2 import FieldStatus

store = FeatureStore(repo_path=".")


def ask(question):
    features = question["features"]
    if isinstance(features, str):
        features = store.get_feature_service(features)
    try:
        response = store.get_online_features(
            features=features,
            entity_rows=question["entity_rows"],
            full_feature_names=question.get("full_feature_names", False),
        )
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}
    names = response.proto.metadata.feature_names.val
    statuses = [[FieldStatus.Name(s) for s in result.statuses] for result in response.proto.results]
    return {"values": response.to_dict(), "statuses": dict(zip(names, statuses))}


json.dump([ask(question) for question in json.load(sys.stdin)], sys.stdout)
