"""Makes the sample runs in reports/samples and, where Chromium is there, the screenshot docs/report.png.

``python examples/make_samples.py`` from anywhere; ``--out FOLDER`` puts the runs elsewhere and takes no screenshot.
The files say nothing about the machine or the person that made them.
"""

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from msgspec.structs import replace

from advisor.report.html import render
from advisor.report.index import write_index
from advisor.schema.base import plain
from advisor.schema.files import read_report
from advisor.utils.jsonio import dumps, write_atomic

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = {"digits_cnn": "healthy", "double_softmax": "trouble"}
SHOT = (1100, 1120)


def make(out):
    """Diagnoses each example and leaves in ``out`` what there is to look at."""
    with tempfile.TemporaryDirectory() as work:
        shutil.copytree(ROOT / "examples", Path(work) / "examples", ignore=shutil.ignore_patterns("__pycache__"))
        for name, run in SAMPLES.items():
            command = ["diagnose", f"examples/{name}.py", "--out", "samples", "--run", run, "--quiet", "--workers", "1"]
            command += ["--least-seconds", "0"]  # What a budget in seconds pays for differs between machines.
            done = subprocess.run([sys.executable, "-m", "advisor", *command], cwd=work, stdout=subprocess.DEVNULL)
            if done.returncode not in (0, 1):  # 1: the task cannot be trained as it is, which is what "trouble" shows.
                raise RuntimeError(f"advisor diagnose examples/{name}.py ended with {done.returncode}")
            made, kept = Path(work) / "samples" / name / run, out / name / run
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(made, kept, ignore=shutil.ignore_patterns("ledger"))
            without_the_machine(kept)
    write_index(out)


def without_the_machine(folder):
    """Names the platform only by system and processor, and renders the page again."""
    report = read_report(folder / "report.json")
    origin = replace(report.provenance, platform=f"{platform.system()} {platform.machine()}")
    report = replace(report, provenance=origin)
    write_atomic(folder / "report.json", dumps(plain(report), indent=1) + "\n")
    write_atomic(folder / "report.html", render(report))


def screenshot(page, picture):
    """The first screen and a half of a report; says so and does nothing without Playwright and Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if not chromium:
        print("no screenshot: it needs playwright and chromium")
        return
    width, height = SHOT
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
        tab.goto(page.resolve().as_uri())
        tab.screenshot(path=str(picture))
        browser.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    out = given.out or ROOT / "reports" / "samples"
    out.mkdir(parents=True, exist_ok=True)
    make(out)
    if given.out is None:
        screenshot(out / "digits_cnn" / "healthy" / "report.html", ROOT / "docs" / "report.png")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{len(SAMPLES)} runs, {size / 1e6:.2f} MB in {out.name}/")


if __name__ == "__main__":
    main()
