"""Copies of the peers' packages that choose their kernels as if the CPU had no AVX-512 and no VNNI, so that AVX2 can
be compared with AVX2 on a CPU that has more. See mask_cpuid.c."""

import re
import shutil
import subprocess
from pathlib import Path

PACKAGES = ("onnxruntime", "ai_edge_litert")
CPUID, UD2 = b"\x0f\xa2", b"\x0f\x0b"


def prepare(site_packages: Path, folder: Path) -> tuple[Path, Path]:
    """Makes the copies once. Returns what to put before PYTHONPATH and what to preload."""
    preload = folder / "mask_cpuid.so"
    done = folder / "done"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        source = Path(__file__).with_name("mask_cpuid.c")
        subprocess.run(["cc", "-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", preload, source], check=True)
        for package in PACKAGES:
            shutil.copytree(site_packages / package, folder / package)
            for library in sorted((folder / package).rglob("*.so*")):
                _replace(library)
        done.touch()
    return folder, preload


def _replace(library: Path) -> None:
    """Turns each CPUID instruction, as the disassembler finds them, into UD2."""
    headers = subprocess.run(["objdump", "-h", library], check=True, capture_output=True, text=True).stdout
    # Name, size, address, load address, offset in the file.
    sections = re.findall(r"^ *\d+ (\S+) +([0-9a-f]+) +([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+)", headers, re.MULTILINE)
    disassembly = subprocess.Popen(
        ["objdump", "-d", "--no-show-raw-insn", library], stdout=subprocess.PIPE, text=True)
    addresses = [int(line.split(":")[0], 16) for line in disassembly.stdout if line.rstrip().endswith("\tcpuid")]
    if disassembly.wait() != 0:
        raise RuntimeError(f"objdump could not read {library}")
    if not addresses:
        return
    data = bytearray(library.read_bytes())
    for address in addresses:
        for _, size, start, offset in sections:
            begin = int(start, 16)
            if begin <= address < begin + int(size, 16):
                place = address - begin + int(offset, 16)
                break
        if data[place : place + 2] != CPUID:
            raise RuntimeError(f"{library}: no CPUID at {address:x}")
        data[place : place + 2] = UD2
    library.write_bytes(data)
