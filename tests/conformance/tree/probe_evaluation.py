"""Runs Python source inside a module and tells in JSON what came of it."""

import ast
import json
import traceback


def evaluate(source, names):
    """Statements, of which a last expression is the answer: {"value": repr} or {"raised": ...}."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    try:
        exec(compile(tree, "<probe>", "exec"), names)
        value = None
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "<probe>", "eval"), names)
        return json.dumps({"value": repr(value)})
    except BaseException as error:
        raised = {"kind": type(error).__name__, "text": str(error)}
        return json.dumps({"raised": raised, "traceback": traceback.format_exc()})
