"""ComfyUI's graphs: the API form (`prompt`) and the editor's form (`workflow`), and the model that they load."""

from collections.abc import Iterator
from typing import Any

# Inputs of loader nodes that name the main model, the more telling first. Encoders, VAEs and LoRAs are not the model.
_MODEL_INPUTS = ("ckpt_name", "unet_name", "model_path", "model_name", "model")
_MODEL_NODES = ("checkpointloader", "unetloader", "diffusionmodelloader", "diffusersloader", "modelloader")
_NOT_THE_MODEL = ("upscale", "controlnet", "clip", "vae", "lora", "style", "gligen", "hypernetwork", "sam")
_MODELS_NAMED = 3
_LINKED = ("links", "last_node_id", "state", "definitions")
_SUBGRAPHS = 200


def is_prompt(graph: Any) -> bool:
    """Whether this is a graph in API form: numbered nodes that each have a class and inputs."""
    nodes = graph.values() if isinstance(graph, dict) else ()
    return any(isinstance(node, dict) and _is_node(node) for node in nodes)


def is_workflow(graph: Any) -> bool:
    """Whether this is a graph as the editor keeps it: a list of typed nodes, and links between them."""
    if not isinstance(graph, dict) or not isinstance(graph.get("nodes"), list):
        return False
    linked = any(key in graph for key in _LINKED)
    return linked and any(isinstance(node.get("type"), str) for node in _nodes(graph))


def model(graph: dict[str, Any]) -> str | None:
    """The model files that the graph's loader nodes name, at most three; None when no loader names one."""
    found = dict.fromkeys(_in_workflow(graph) if is_workflow(graph) else _in_prompt(graph))
    return ", ".join(list(found)[:_MODELS_NAMED]) or None


def _is_node(node: dict[str, Any]) -> bool:
    return isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)


def _nodes(graph: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes of the graph, and those of its subgraphs, which it keeps as definitions."""
    definitions = graph.get("definitions")
    subgraphs = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    for part in (graph, *(subgraphs[:_SUBGRAPHS] if isinstance(subgraphs, list) else ())):
        nodes = part.get("nodes") if isinstance(part, dict) else None
        yield from (node for node in (nodes if isinstance(nodes, list) else ()) if isinstance(node, dict))


def _in_prompt(graph: dict[str, Any]) -> Iterator[str]:
    for node in graph.values():
        if isinstance(node, dict) and _is_node(node) and _loads_model(node["class_type"]):
            names = (node["inputs"].get(key) for key in _MODEL_INPUTS)
            yield from (name for name in names if isinstance(name, str) and name)


def _in_workflow(graph: dict[str, Any]) -> Iterator[str]:
    for node in _nodes(graph):
        if _loads_model(str(node.get("type", ""))):
            values = node.get("widgets_values")
            # Older loaders have their settings file as the first value; the model never ends in .yaml.
            names = values if isinstance(values, list) else []
            yield from (name for name in names[:2] if isinstance(name, str) and _is_model_file(name))


def _loads_model(kind: str) -> bool:
    folded = kind.lower().replace("_", "").replace(" ", "")
    wanted = any(word in folded for word in _MODEL_NODES) and not any(word in folded for word in _NOT_THE_MODEL)
    return wanted or folded.startswith(("unclipcheckpointloader", "imageonlycheckpointloader"))


def _is_model_file(name: str) -> bool:
    return name.lower().endswith((".safetensors", ".ckpt", ".sft", ".gguf", ".pt", ".pth", ".bin"))
