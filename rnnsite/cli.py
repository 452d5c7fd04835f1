"""The command line: `rnnsite list | train | build | serve | show | claims | data | bench | doctor | clean`."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable
from typing import Any

import click

from rnnsite.devices import DEVICES
from rnnsite.errors import RnnsiteError, nearest

CONTEXT = {"help_option_names": ["-h", "--help"]}


class NearestChoice(click.Choice):
    """A choice that suggests the nearest value when given an unknown one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value not in self.choices:
            what = param.name if param else "value"
            known = ", ".join(self.choices)
            self.fail(f"There is no {what} {value!r}.{nearest(str(value), self.choices)} Known: {known}.")
        return value


class Commands(click.Group):
    """A group that suggests the nearest command when given an unknown one."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise click.UsageError(f"There is no command {args[0]!r}.{nearest(args[0], self.commands)}")
        return super().resolve_command(ctx, args)


_profile = click.option(
    "--profile",
    type=NearestChoice(["auto", "quick", "paper"]),
    default="auto",
    help="quick: what a laptop trains. paper: the published protocols. auto: paper on CUDA, else quick.",
)
_device = click.option("--device", type=NearestChoice(DEVICES), default="auto", help="Where to train.")
_only = click.option("--only", metavar="NAME", multiple=True, help="Only this experiment, or in a build this notebook.")
_jobs = click.option("--jobs", type=click.IntRange(1), help="Processes at once; default: one a core.")
_force = click.option("--force", is_flag=True, help="Train again what is already stored.")
_strict = click.option("--strict", is_flag=True, help="Fail when a claim about our own runs is false.")


def options(*decorators: Callable[..., Any]) -> Callable[..., Any]:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


@click.group(cls=Commands, context_settings=CONTEXT, no_args_is_help=True)
@click.version_option(package_name="rnnsite")
def cli() -> None:
    """Train the experiments, check their claims, and build the site from them."""


@cli.command("list")
@options(_profile, _device)
def list_(profile: str, device: str) -> None:
    """Name every experiment, with what is stored of it."""
    from rnnsite.commands import list_experiments

    list_experiments(profile, device)


@cli.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@options(_profile, _device, _only, _jobs, _force, _strict)
@click.option("--record", is_flag=True, help="Keep what was trained in rnnsite/recorded, to be shown as recorded.")
@click.option("--dask", "cluster", metavar="ADDRESS", help="Train on the Dask cluster of this scheduler.")
def train(names: tuple[str, ...], only: tuple[str, ...], **settings: Any) -> None:
    """Train what is missing (torch and numpy are enough for this)."""
    from rnnsite.commands import train_experiments

    train_experiments(names + only, **settings)


@cli.command()
@options(_profile, _device, _only, _jobs, _force, _strict)
@click.option("--out", type=click.Path(file_okay=False), help="Where to build; default: site/.")
def build(out: str | None, **settings: Any) -> None:
    """Train what is missing, then build the site into site/."""
    from rnnsite.web.building import build_site

    build_site(out, **settings)


@cli.command()
@options(_profile, _device, _only, _jobs, _force, _strict)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, help="Port on 127.0.0.1.")
def serve(port: int, **settings: Any) -> None:
    """Train what is missing, then serve the site at 127.0.0.1:8000, reloading as pages change."""
    from rnnsite.web.building import serve_site

    serve_site(port, **settings)


@cli.command()
@click.argument("name")
@options(_profile, _device)
def show(name: str, profile: str, device: str) -> None:
    """Print what one experiment found: provenance, numbers and claims."""
    from rnnsite.commands import show_experiment

    show_experiment(name, profile, device)


@cli.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@options(_profile, _device, _jobs)
@click.option("--resample", is_flag=True, help="Judge each claim on 20 fresh seed sets as well.")
@click.option("--record", is_flag=True, help="Keep on how many it held in rnnsite/recorded, for the site to say.")
def claims(names: tuple[str, ...], profile: str, device: str, jobs: int | None, resample: bool, record: bool) -> None:
    """Check every claim; the exit status is 1 when one about our own runs is false."""
    from rnnsite.commands import check_claims

    check_claims(profile, device, names, jobs, resample=resample, record=record)


@cli.group("data")
def data_() -> None:
    """Data that a build does not fetch: MNIST, SST-2."""


@data_.command("get")
@click.argument("name")
def get_data(name: str) -> None:
    """Fetch a data set and check it."""
    from rnnsite import data

    place, fetched = data.get(name)
    click.echo(f"{name} lies in {place}: {fetched} fetched, {len(data.DATASETS[name].files) - fetched} already there.")


@data_.command("list")
def list_data() -> None:
    """Name every data set, with where it lies."""
    from rnnsite import data

    for line in data.said():
        click.echo(line)


@cli.command()
@options(_device)
@click.option("--models", type=click.IntRange(1), multiple=True, help="Fleet size (repeat for more).")
def bench(device: str, models: tuple[int, ...]) -> None:
    """Time a fleet of networks against a loop of torch.nn; the exit status is 1 when a bar is missed."""
    from rnnsite.bench import report
    from rnnsite.devices import resolve

    if not report(resolve(device), models):
        sys.exit(1)


@cli.command()
def doctor() -> None:
    """Say what this machine has, and what a build will use."""
    from rnnsite.doctor import report

    report()


@cli.command()
@click.option("--all", "everything", is_flag=True, help="Delete the whole cache, current results too.")
@options(_device)
def clean(everything: bool, device: str) -> None:
    """Delete what no build will read again: outdated results, steps and drawings."""
    from rnnsite.commands import clean_cache

    clean_cache(everything, device)


_PLAIN = str.maketrans({"✓": "+", "✗": "x", "≠": "!", "−": "-", "×": "x", "⁻": "^-", "…": "...", "’": "'", "“": '"'})


def _in_plain_letters(error: UnicodeError) -> tuple[str, int]:
    """What a console or a file in an old encoding is given for the characters it does not know."""
    assert isinstance(error, UnicodeEncodeError)
    known = error.object[error.start : error.end].translate(_PLAIN)
    return known.encode("ascii", "replace").decode(), error.end


def main() -> None:
    """Run the command line. A user's mistake costs them one sentence, not a traceback."""
    codecs.register_error("plain-letters", _in_plain_letters)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plain-letters")
    try:
        status = cli.main(prog_name="rnnsite", standalone_mode=False)
    except RnnsiteError as error:
        click.echo(f"rnnsite: {error}", err=True)
        status = 1
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        status = 2
    except click.ClickException as error:
        click.echo(f"rnnsite: {error.format_message()}", err=True)
        status = 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("rnnsite: stopped; every finished step is kept, and the same command goes on from there.", err=True)
        status = 130
    except BrokenPipeError:
        status = 0
    sys.exit(status if isinstance(status, int) else 0)
