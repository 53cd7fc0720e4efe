# shellcheck shell=bash
# A Docker engine for one run, with stand-ins for the images that docker/ names. Sourced after docker-checks.sh, not
# executed: start_engine, make_images, stop_engine.
# shellcheck disable=SC2154 # work belongs to the script that sources this file

# Debian's client fits Debian's engine; another docker in PATH may lack the parts that build images.
docker() { /usr/bin/docker "$@"; }

engine=$(mktemp -d /var/tmp/haat-engine.XXXXXX)
# Kept between runs if HAAT_ENGINE_DATA is set: images and the caches of builds.
data=${HAAT_ENGINE_DATA:-$engine/data}
bridge=haat-check0
export DOCKER_HOST=unix://$engine/docker.sock DOCKER_CONFIG=$engine/config DOCKER_BUILDKIT=1
engine_process=''

need_engine() {
  local packages=() program
  [ "$(id -u)" -eq 0 ] || die 'a Docker engine runs as root: use sudo'
  command -v ip >/dev/null || packages+=(iproute2)
  for program in curl debootstrap iptables openssl; do
    command -v "$program" >/dev/null || packages+=("$program")
  done
  command -v dockerd >/dev/null || packages+=(docker.io)
  if [ ${#packages[@]} -gt 0 ]; then install_stopped "${packages[@]}"; fi
  # With systemd, the package would start its own engine at the next boot.
  case " ${packages[*]-} " in
    *' docker.io '*) if [ -d /run/systemd/system ]; then systemctl disable --quiet docker.service docker.socket; fi ;;
  esac
}

# The packages of Debian's next release, in lists of their own: Compose 2 is not in Debian 12.
next_release() {
  local apt=$engine/apt
  mkdir -p "$apt/lists" "$apt/cache"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$apt/sources.list"
  apt-get -qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$apt/lists" \
    -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root "$@"
}

need_compose() {
  local plugins=$DOCKER_CONFIG/cli-plugins
  mkdir -p "$plugins" "$engine/compose"
  if docker compose version >/dev/null 2>&1; then return; fi
  (cd "$engine/compose" && next_release update && next_release download docker-compose && dpkg -x ./*.deb .) >&2
  cp "$engine/compose/usr/libexec/docker/cli-plugins/docker-compose" "$plugins/"
  docker compose version >/dev/null
}

start_engine() {
  # The mirror that this machine uses.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)
  mirror=${mirror:-http://deb.debian.org/debian}
  iptables-save >"$engine/iptables"
  cat /proc/sys/net/ipv4/ip_forward >"$engine/ip_forward"
  ip link add name "$bridge" type bridge
  ip addr add 172.30.85.1/24 dev "$bridge"
  nice -n 10 dockerd --data-root "$data" --exec-root "$engine/exec" --pidfile "$engine/pid" --host "$DOCKER_HOST" \
    --bridge "$bridge" --log-level warn </dev/null >"$work/dockerd.log" 2>&1 &
  engine_process=$!
  wait_for 60 docker version >"$work/engine.log"
  need_compose
}

# Stops the engine, and removes its network, its rules and, unless they are kept, its data.
stop_engine() {
  if [ -n "$engine_process" ]; then
    kill -TERM "$engine_process" 2>/dev/null || true
    wait "$engine_process" 2>/dev/null || true
    ip link delete "$bridge" 2>/dev/null || true
    # The rules that the engine leaves behind also stop forwarding for others. Another engine's rules stay as they are.
    if ! grep -q DOCKER "$engine/iptables"; then
      for table in filter nat; do iptables -t "$table" -F && iptables -t "$table" -X; done
      iptables -P FORWARD ACCEPT
      iptables-restore <"$engine/iptables"
    fi
    cat "$engine/ip_forward" >/proc/sys/net/ipv4/ip_forward
  fi
  # The engine leaves the network namespace of builds mounted.
  umount "$engine"/exec/netns/* 2>/dev/null || true
  rm -rf --one-file-system "$engine"
}

# --- Images -----------------------------------------------------------------

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

# Builds image $1 from the Dockerfile on standard input, with folder $engine/context as context.
image() {
  docker build --quiet --tag "$1" --file - "$engine/context" >>"$work/images.log" 2>&1
}

# Imports Debian release $1 as image $2.
debian() {
  if has_image "$2"; then return; fi
  debootstrap --variant=minbase "$1" "$engine/$1" "$mirror" >>"$work/debootstrap.log" 2>&1
  tar --one-file-system -C "$engine/$1" -c . | docker import - "$2" >>"$work/images.log"
  rm -rf --one-file-system "${engine:?}/$1"
}

# Makes stand-ins for the images that docker/ names, under the same names. They hold Debian's packages or this machine's
# Rust, and keep the conventions of the real images: users, folders, variables and entrypoints.
make_images() {
  local rust postgres redis nginx sysroot
  rust=$(sed -n 's/^ARG RUST_VERSION=//p' docker/Dockerfile)
  postgres=$(named_image postgres) redis=$(named_image redis) nginx=$(named_image nginx)
  mkdir "$engine/context"
  # The certificates that this machine trusts, for cargo.
  cp -L /etc/ssl/certs/ca-certificates.crt "$engine/context/"
  cp scripts/postgres-stand-in.sh "$engine/context/docker-entrypoint.sh"
  debian bookworm debian:bookworm-slim
  debian trixie debian:trixie-slim
  if ! has_image "rust:$rust-bookworm"; then
    sysroot=$(rustc --print sysroot)
    tar -C "$sysroot" -c bin lib | docker import - haat-check/rust >>"$work/images.log"
    image "rust:$rust-bookworm" <<'DOCKERFILE'
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
COPY --from=haat-check/rust / /usr/local/
COPY ca-certificates.crt /etc/ssl/certs/
ENV CARGO_HOME=/usr/local/cargo
DOCKERFILE
  fi
  has_image "$postgres" || image "$postgres" <<'DOCKERFILE'
FROM debian:bookworm-slim
RUN groupadd -r --gid=999 postgres && useradd -r -g postgres --uid=999 --home-dir=/var/lib/postgresql postgres \
    && apt-get update && apt-get install -y --no-install-recommends postgresql-common \
    && sed -i 's/#create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
    && apt-get install -y --no-install-recommends postgresql-15 && rm -rf /var/lib/apt/lists/* \
    && mkdir -p /docker-entrypoint-initdb.d \
    && install -d -o postgres -g postgres -m 3777 /var/run/postgresql \
    && install -d -o postgres -g postgres -m 1777 /var/lib/postgresql/data
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin \
    PGDATA=/var/lib/postgresql/data LANG=C.UTF-8
COPY --chmod=755 docker-entrypoint.sh /usr/local/bin/
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
DOCKERFILE
  # Debian 12 has Redis 7.0, and the real image 7.2.
  has_image "$redis" || image "$redis" <<'DOCKERFILE'
FROM debian:bookworm-slim
RUN groupadd -r --gid=999 redis && useradd -r -g redis --uid=999 redis \
    && apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/* \
    && install -d -o redis -g redis /data
VOLUME /data
WORKDIR /data
# The real image starts as root and gives root up.
USER redis
CMD ["redis-server", "--protected-mode", "no"]
DOCKERFILE
  # Debian 12 has nginx 1.22, which does not know the directive http2. Debian 13 has 1.26.
  has_image "$nginx" || image "$nginx" <<'DOCKERFILE'
FROM debian:trixie-slim
RUN groupadd -r --gid=101 nginx && useradd -r -g nginx --uid=101 nginx \
    && apt-get update && apt-get install -y --no-install-recommends nginx-light && rm -rf /var/lib/apt/lists/*
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]
DOCKERFILE
}

# Prints the name of the image of service $1 in docker-compose.prod.yml.
named_image() { sed -n "s/^    image: \($1:.*\)/\1/p" "$prod"; }
