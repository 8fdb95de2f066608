# SPDX-License-Identifier: MIT
"""Makes the wheel, for `pip wheel .` and `pip install .`: without other packages, without a network. Written by nnc.

A wheel has every folder here that has an __init__.py, and is for machines like this one, for which the library was compiled. Of
pyproject.toml it knows the keys of KNOWN.
"""
import base64
import hashlib
import os
import re
import sysconfig
import zipfile

try:
    import tomllib
except ImportError:  # before Python 3.11
    import tomli as tomllib

KNOWN = {"name": "Name", "version": "Version", "description": "Summary", "requires-python": "Requires-Python", "dependencies": "Requires-Dist"}


def _project():
    with open("pyproject.toml", "rb") as f:
        project = tomllib.load(f)["project"]
    foreign = sorted(set(project) - set(KNOWN))
    if foreign:
        raise SystemExit("pyproject.toml: nnc_build does not know %s of [project]" % ", ".join(foreign))
    return project


def _metadata(project):
    lines = ["Metadata-Version: 2.1"]
    for key, header in KNOWN.items():
        values = project.get(key, [])
        lines += ["%s: %s" % (header, value) for value in ([values] if isinstance(values, str) else values)]
    return "\n".join(lines) + "\n"


def _files():
    for folder in sorted(os.listdir(".")):
        if os.path.exists(os.path.join(folder, "__init__.py")):
            yield from (folder + "/" + name for name in sorted(os.listdir(folder)) if name.endswith((".py", ".so", ".typed")))


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    project = _project()
    stem = "%s-%s" % (re.sub("[-_.]+", "_", project["name"]).lower(), project["version"])
    tag = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")
    parts = {}
    for path in _files():
        with open(path, "rb") as f:
            parts[path] = f.read()
    parts[stem + ".dist-info/METADATA"] = _metadata(project).encode()
    parts[stem + ".dist-info/WHEEL"] = ("Wheel-Version: 1.0\nGenerator: nnc\nRoot-Is-Purelib: false\nTag: %s\n" % tag).encode()
    record = ""
    for path, content in parts.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += "%s,sha256=%s,%d\n" % (path, digest, len(content))
    parts[stem + ".dist-info/RECORD"] = (record + stem + ".dist-info/RECORD,,\n").encode()
    wheel = "%s-%s.whl" % (stem, tag)
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), "w", zipfile.ZIP_DEFLATED) as z:
        for path, content in parts.items():
            info = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            info.external_attr = (0o100755 if path.endswith(".so") else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(info, content)
    return wheel


def build_sdist(sdist_directory, config_settings=None):
    raise SystemExit("nnc_build makes wheels: the source of this package is a .nn file, which nnc compiles")
