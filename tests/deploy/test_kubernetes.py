"""deploy/kubernetes, by Kubernetes' own schemas, what holds its parts together, and what a strict cluster asks for."""

import re
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml

from contracts.names import TASK_QUEUE
from serving.probes import LIVE, READY
from settings import ROOT, Settings, known_names

DIRECTORY = ROOT / "deploy" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((DIRECTORY / "kustomization.yaml").read_text())
BASE = [
    document for name in KUSTOMIZATION["resources"] for document in yaml.safe_load_all((DIRECTORY / name).read_text())
]
BY_LATENCY, BY_KEDA = (
    yaml.safe_load((DIRECTORY / "optional" / f"worker-by-{how}.yaml").read_text()) for how in ("latency", "keda")
)
VERSIONS = ("1.31", "1.34", "1.37")
PART_OF = {"app.kubernetes.io/part-of": "perdure"}
TEMPORAL_TRIGGER = {"endpoint", "namespace", "taskQueue", "queueTypes", "targetQueueSize"}
"""What KEDA's scaler knows, of those that we use."""


def named(document: Any) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"


def one(name: str) -> Any:
    return next(document for document in BASE if named(document) == name)


def pods() -> Iterator[tuple[str, Any]]:
    """Each pod's template, by who makes it."""
    for document in BASE:
        if "template" in document.get("spec", {}):
            yield named(document), document["spec"]["template"]


def containers() -> Iterator[tuple[str, Any]]:
    for name, pod in pods():
        for container in (*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]):
            yield f"{name}/{container['name']}", container


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", [*BASE, BY_LATENCY], ids=named)
def test_a_cluster_would_take_it(document: Any, version: str) -> None:
    kubernetes_validate.validate(document, version, strict=True)


def test_every_file_is_applied_or_a_choice() -> None:
    assert {path.name for path in DIRECTORY.glob("*.yaml")} == {*KUSTOMIZATION["resources"], "kustomization.yaml"}
    assert len({named(document) for document in BASE}) == len(BASE)


def test_pods_are_what_the_restricted_policy_asks_for() -> None:
    assert one("Namespace/perdure")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, pod in pods():
        spec = pod["spec"]
        security = spec["securityContext"]
        assert (security["runAsNonRoot"], security["runAsUser"], security["runAsGroup"]) == (True, 10001, 10001), name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        assert not {"hostNetwork", "hostPID", "hostIPC", "volumes"} & set(spec), name
    for name, container in containers():
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False, name
        assert security["readOnlyRootFilesystem"] is True, name
        assert security["capabilities"] == {"drop": ["ALL"]}, name
        assert "command" not in container, f"{name}: the image's entry point knows the roles"
        assert {"requests", "limits"} <= set(container["resources"]), name
        assert "memory" in container["resources"]["limits"], name


def test_the_schema_comes_first_then_temporal_and_each_role_is_one() -> None:
    spec = one("Job/perdure-setup")["spec"]["template"]["spec"]
    assert [each["args"][0] for each in (*spec["initContainers"], *spec["containers"])] == ["migrate", "setup"]
    roles = {name: container["args"][0] for name, container in containers()}
    entry = (ROOT / "deploy" / "perdure").read_text()
    for name, role in roles.items():
        assert f"  {role}) exec " in entry or (ROOT / "cli" / f"{role}.py").exists(), name
    assert {container["image"] for _, container in containers()} == {"perdure"}


def test_a_rollout_takes_nobody_away_before_another_is_ready() -> None:
    for name in ("Deployment/perdure-api", "Deployment/perdure-worker"):
        spec = one(name)["spec"]
        assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
        assert "replicas" not in spec, "the autoscaler's: to apply again must not undo what it did"
        container = spec["template"]["spec"]["containers"][0]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        for kind, path in (("startupProbe", LIVE), ("livenessProbe", LIVE), ("readinessProbe", READY)):
            probe = container[kind]["httpGet"]
            assert probe["path"] == path, "nothing restarts a process because a part is away"
            assert probe["port"] in ports
            # A probe that gives up before the answer, which may take two seconds, is a failure of its own.
            assert kind == "startupProbe" or container[kind]["timeoutSeconds"] > 2


def test_each_selector_finds_what_it_is_for() -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods()}
    for document in BASE:
        spec = document.get("spec", {})
        wanted = spec.get("selector", spec.get("podSelector", {}))
        wanted = wanted.get("matchLabels", wanted)
        if document["kind"] in ("Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy"):
            assert any(wanted.items() <= found.items() for found in labels.values()), named(document)
        if document["kind"] == "HorizontalPodAutoscaler":
            target = spec["scaleTargetRef"]
            assert one(f"{target['kind']}/{target['name']}")["apiVersion"] == target["apiVersion"]
    for name in ("api", "worker"):
        assert one(f"PodDisruptionBudget/perdure-{name}")["spec"]["maxUnavailable"] == 1
        assert one(f"HorizontalPodAutoscaler/perdure-{name}")["spec"]["minReplicas"] >= 2


def test_ports_are_those_of_the_settings() -> None:
    data = one("ConfigMap/perdure")["data"]
    settings = Settings.read({**data, "DATABASE_URL": "postgresql://u@h/d"})
    worker = one("Deployment/perdure-worker")["spec"]["template"]
    api = one("Deployment/perdure-api")["spec"]["template"]
    numbers = {
        name: [port["containerPort"] for port in template["spec"]["containers"][0]["ports"]]
        for name, template in (("api", api), ("worker", worker))
    }
    assert numbers["api"] == [8000, settings.internal_port]
    assert numbers["worker"] == [settings.worker_metrics_port, settings.temporal_metrics_port]
    scraped = [template["metadata"]["annotations"]["prometheus.io/port"] for template in (api, worker)]
    assert scraped == [str(settings.internal_port), str(settings.worker_metrics_port)]
    assert settings.host == "0.0.0.0", "probes come from outside the pod"


def test_only_named_traffic_goes_in_and_out() -> None:
    policies = {
        document["metadata"]["name"]: document["spec"] for document in BASE if document["kind"] == "NetworkPolicy"
    }
    everything = policies["perdure"]
    assert everything["podSelector"]["matchLabels"] == PART_OF
    assert all(PART_OF.items() <= pod["metadata"]["labels"].items() for _, pod in pods())
    assert set(everything["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in everything, "nobody, unless another policy says so"
    opened = {
        port["port"]: peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        for name in ("perdure-api", "perdure-worker")
        for rule in policies[name]["ingress"]
        for peer in rule["from"]
        for port in rule["ports"]
    }
    assert opened == {8000: "ingress-nginx", 9100: "monitoring", 9101: "monitoring", 9102: "monitoring"}
    webhooks = [peer["ipBlock"] for rule in policies["perdure-worker"]["egress"] for peer in rule.get("to", ())]
    assert "169.254.0.0/16" in webhooks[0]["except"], "where clouds keep a machine's credentials"
    assert not any(rule.get("to") for rule in policies["perdure-api"]["egress"])


def test_no_setting_is_unknown_and_no_secret_is_here() -> None:
    data = one("ConfigMap/perdure")["data"]
    assert {name for name in data if name.startswith("PERDURE_")} <= known_names()
    assert not [name for name in data if re.search("SECRET|KEY|TOKEN|PASSWORD|DATABASE_URL", name)]
    assert not [document for document in BASE if document["kind"] == "Secret"]
    assert all({"secretRef": {"name": "perdure"}} in container["envFrom"] for _, container in containers())


def test_workers_scale_by_how_long_payments_wait() -> None:
    """KEDA's kinds are not among Kubernetes' schemas; they were checked by @kubernetes-models/keda's, by hand."""
    usual = one("HorizontalPodAutoscaler/perdure-worker")
    assert named(BY_LATENCY) == named(usual), "in its place"
    assert [metric["type"] for metric in BY_LATENCY["spec"]["metrics"]] == ["External", "Resource"]
    target, spec = usual["spec"]["scaleTargetRef"], BY_KEDA["spec"]
    assert (BY_KEDA["apiVersion"], BY_KEDA["kind"]) == ("keda.sh/v1alpha1", "ScaledObject")
    assert spec["scaleTargetRef"]["name"] == target["name"]
    assert spec["minReplicaCount"] >= 2
    triggers = {trigger["type"]: trigger["metadata"] for trigger in spec["triggers"]}
    assert set(triggers) == {"temporal", "prometheus", "cpu"}
    assert set(triggers["temporal"]) == TEMPORAL_TRIGGER
    assert triggers["temporal"]["taskQueue"] == TASK_QUEUE
    data = one("ConfigMap/perdure")["data"]
    assert triggers["temporal"]["endpoint"] == data["TEMPORAL_ADDRESS"]
    assert triggers["temporal"]["namespace"] == data["TEMPORAL_NAMESPACE"]
    assert all(isinstance(value, str) for metadata in triggers.values() for value in metadata.values())
