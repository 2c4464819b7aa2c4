# What the README lists and CI calls. Needs Python 3.11 or newer and the package registries, nothing else.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests start some hundred processes: none should compile everything again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install run test lint format bench lock translations clean
.DEFAULT_GOAL := install

install: .venv/.installed  ## .venv with the lxsaas command, its libraries as locked, pages' assets, translations
	@$(BIN)/python -m lxsaas.assets.builder --if-stale
	@$(BIN)/pybabel -q compile -d lxsaas/translations

.venv/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("lxsaas needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: install  ## the product with demonstration data; Ctrl-C stops everything it started
	@exec $(BIN)/lxsaas up --demo

test: install  ## every test, browser tests included
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint lxsaas/templates --lint --quiet
	@if command -v docker >/dev/null && docker compose version >/dev/null 2>&1; \
	then docker compose --env-file .env.example config --quiet; fi

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install  ## every benchmark, JSON lines; see benchmarks/README.md
	$(BIN)/python -m benchmarks

lock:  ## resolve requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra embedded --group dev --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock

translations: install  ## collect texts from source into the catalogues; then fill what is empty
	@mkdir -p build
	$(BIN)/pybabel -q extract -F babel.cfg -k _l -k N_ -k lazy_gettext -k lazy_ngettext:1,2 --no-location --sort-output -o build/messages.pot .
	$(BIN)/pybabel -q update -N -w 110 -i build/messages.pot -d lxsaas/translations
	$(BIN)/pybabel compile -d lxsaas/translations

clean:
	rm -rf .venv build node_modules lxsaas/static
