# Each target is a line or two over a real tool. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help lab test test-server test-reader test-browser test-mutations test-speed test-matrix build prose messages edition student course slides book bench differences lint clean

PYTHON ?= python3
export UV_PROJECT_ENVIRONMENT := .venv
BIN := .venv/bin
# Where uv is not on the path, it is installed into the environment, which then keeps it: it is in the lock file.
UV := $(shell command -v uv || echo $(BIN)/uv)
# What a reader needs, and with it what all other targets need.
READER := .venv/reader
READY := .venv/ready
# JupyterLab would ask whether it may fetch news.
DISABLE := $(BIN)/jupyter labextension disable --level=sys_prefix
# All lessons, or the one whose number is given.
LESSONS = $(or $(sort $(wildcard notebooks/$(LESSON)*.py)),$(error there is no lesson notebooks/$(LESSON)*.py))
BENCH := $(BIN)/pytest --quiet --numprocesses=0 --benchmark-columns=min,median --benchmark-json=build/bench
HELPERS := benchmarks/test_convolution_and_pooling.py benchmarks/test_recurrent_networks.py
# The edition in another language, where there is one: LOCALE=zh_CN. What is derived from it stands in a folder of its own.
LOCALE ?=
ifeq ($(if $(LOCALE),$(wildcard translations/$(LOCALE)/interface.po),$(CURDIR)),)
$(error LOCALE is $(LOCALE), but there is no translations/$(LOCALE))
endif
OUT := build$(if $(LOCALE),/$(LOCALE))
FROM := $(if $(LOCALE),$(OUT),.)

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

lab: $(or $(wildcard $(READY)),$(READER))  ## set up, then open JupyterLab on the lessons; LOCALE=zh_CN for the Chinese ones
	$(if $(LOCALE),$(BIN)/python -m translations.edition $(LOCALE))
	$(BIN)/jupyter lab --config=tools/lab_config.py --allow-root --ServerApp.ip=127.0.0.1 --ServerApp.root_dir=. \
		--KernelManager.transport_encryption=auto $(if $(LOCALE),--LabApp.default_url=/lab/tree/$(LOCALE)/README.md)

test: $(READY)  ## set up, then run the tests and every notebook
	$(BIN)/pytest

test-server: $(READY)  ## stop kernels, and try the doors of JupyterLab
	$(BIN)/pytest --dist=load slow_tests/test_server.py

test-reader: $(READY)  ## run each cell twice, and lessons without optional sections
	$(BIN)/pytest --dist=load slow_tests/test_twice.py slow_tests/test_core.py

test-mutations: $(READY)  ## plant one fault after the other, and see each make the tests fail
	$(BIN)/pytest --dist=load slow_tests/test_mutations.py

test-speed: $(READY)  ## see that no helper and no lesson has become several times as slow
	$(BIN)/pytest --numprocesses=0 slow_tests/test_speed.py

test-matrix: $(READY)  ## run every notebook three times under each of many settings; takes an hour
	$(BIN)/pytest --dist=load slow_tests/test_matrix.py

build: $(READY)  ## run each lesson's .py and store it with its outputs as .ipynb; LESSON=04 for one
	$(BIN)/python tools/pairs.py check $(LESSONS)
	rm -rf build/notebooks && mkdir -p build/notebooks build/built
	cp $(LESSONS) $(wildcard $(LESSONS:.py=.ipynb)) build/notebooks
	$(BIN)/jupytext --quiet --update --to ipynb build/notebooks/*.py
	printf '%s\n' build/notebooks/*.ipynb | xargs -n 1 -P 2 $(BIN)/python -m nbconvert --config tools/build_config.py \
		--output-dir build/built
	cp $(patsubst notebooks/%.py,build/built/%.ipynb,$(LESSONS)) notebooks

prose: $(READY)  ## take prose of a lesson's .py over into its .ipynb, and run nothing; LESSON=04 for one
	$(BIN)/python tools/pairs.py prose $(LESSONS)

messages: $(READY)  ## take over into the catalogues of translations what has changed in English
	$(BIN)/python -m translations.update

# Of the English lessons and pages, which are there already, nothing is made.
edition: $(READY)
	$(if $(LOCALE),$(BIN)/python -m translations.edition $(LOCALE) $(OUT))

student: edition  ## write build/student: the lessons without solutions and outputs, ready to hand out; LOCALE=zh_CN too
	rm -rf $(OUT)/student && mkdir -p $(OUT) && cp -R classroom/student $(OUT)
	grep '^|' $(FROM)/README.md > $(OUT)/lessons.md
	sed -e '/^{lessons}$$/r $(OUT)/lessons.md' -e '/^{lessons}$$/d' $(FROM)/classroom/student/README.md > $(OUT)/student/README.md
	cp -R $(FROM)/ERRATA.md LICENSE environment.yml postBuild pyproject.toml src $(OUT)/student
	find $(OUT)/student -name __pycache__ -prune -exec rm -rf {} +
	$(BIN)/python -m nbconvert --config classroom/student_edition.py --Translate.locale=$(LOCALE) \
		--output-dir $(OUT)/student/notebooks notebooks/*.ipynb

# What a teacher has collected and graded there stays.
course: $(READY)  ## lay out build/course, in which nbgrader works; LOCALE=zh_CN too
	mkdir -p $(patsubst notebooks/%.ipynb,$(OUT)/course/source/%,$(wildcard notebooks/*.ipynb))
	cp classroom/nbgrader_config.py $(OUT)/course
	$(BIN)/python -m nbconvert --to notebook --NotebookExporter.preprocessors=classroom.grading.AddGrading \
		--NotebookExporter.preprocessors=translations.edition.Translate --Translate.locale=$(LOCALE) \
		--output-dir $(OUT)/course/source --output '{notebook_name}/{notebook_name}' notebooks/*.ipynb

slides: $(READY)  ## make one slide deck a lesson, a file that needs no network, in build/slides; LOCALE=zh_CN too
	$(BIN)/python -m nbconvert --config classroom/slides_config.py --Translate.locale=$(LOCALE) \
		--SlidesExporter.language_code=$(firstword $(subst _, ,$(LOCALE)) en) --output-dir $(OUT)/slides

BOOK := $(BIN)/sphinx-build --fail-on-warning --keep-going --quiet -c docs

book: student  ## make the web book in both languages, build/book/index.html
	$(MAKE) student LOCALE=zh_CN
	rm -rf build/book build/doctrees build/zh_CN/doctrees
	$(BOOK) -d build/doctrees . build/book
	BOOK_LOCALE=zh_CN $(BOOK) -d build/zh_CN/doctrees . build/book/zh_CN
	find build/book -name '*.map' -delete

test-browser: book  ## test the book, the slides and the lessons in JupyterLab in a real browser
	$(BIN)/pytest browser_tests

bench: $(READY)  ## print the tables of docs/benchmarks.md; AGAINST=folder sets another checkout beside this one
	mkdir -p build/bench
	$(BENCH)/strict_runs.json benchmarks/test_strict_runs.py
	TF_ENABLE_ONEDNN_OPTS=1 $(BENCH)/onednn.json $(HELPERS)
	TF_ENABLE_ONEDNN_OPTS=0 $(BENCH)/plain.json $(HELPERS)
	$(BIN)/python benchmarks/tables.py build/bench

# The libraries that are compared need 4 GB, twice that where pip takes the PyTorch for graphics cards, and have a folder
# of their own.
differences:  ## run the same corners in other libraries, and write the tables of docs/differences.md
	test -x build/differences/bin/python || $(PYTHON) -m venv build/differences
	build/differences/bin/python -m pip install --quiet --requirement differences/requirements.txt
	PYTHONPATH=src build/differences/bin/python differences/write_page.py

lint: $(READY)  ## check style, spelling, the types of documented calls, and that what is imported is declared and locked
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/deptry src notebooks
	$(UV) lock --check

clean:  ## remove everything that the other targets made
	rm -rf .venv build .pytest_cache .hypothesis .mypy_cache .ruff_cache .benchmarks
	find . \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

$(READER): pyproject.toml uv.lock
	test -x "$(UV)" || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet uv; }
	$(UV) sync --locked --no-dev --inexact
	$(DISABLE) @jupyterlab/apputils-extension:announcements
	touch $@

# The last step keeps the teacher's menu out of JupyterLab.
$(READY): $(READER)
	$(UV) sync --locked
	$(DISABLE) @jupyter/nbgrader
	touch $@
