#!/usr/bin/env bash
# A SLURM of one node on this machine, for as long as a command takes:
#
#   tests/slurm/one_node.sh install          what it needs of Debian's packages, if it is missing
#   tests/slurm/one_node.sh run COMMAND...   bring it up, run the command in it, take it down
#
# Both need root. All of it lives in a temporary folder and listens on loopback, on ports of its
# own, so that it neither uses nor disturbs a SLURM that the machine has already.
set -euo pipefail

packages=(munge slurm-client slurmctld slurmd)
programs=(munged sbatch slurmctld slurmd)
# Daemons are in /usr/sbin, which is not in everybody's path.
export PATH=$PATH:/usr/sbin:/sbin

missing() {
  for program in "${programs[@]}"; do
    command -v "$program" >/dev/null || echo "$program"
  done
}

install() {
  [[ -n $(missing) ]] || return 0
  # Debian would start the daemons at once; this file is how to ask it not to.
  local policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${packages[@]}"
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 10000))
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

configure() {
  local name node
  name=$(hostname -s)
  # What slurmd finds: processors and memory, after the name.
  node=$(slurmd -C | sed -n 's/^NodeName=[^ ]* //p')
  mkdir "$folder"/{controller,node}
  cat >"$folder/slurm.conf" <<END
ClusterName=one_node
SlurmctldHost=$name(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
StateSaveLocation=$folder/controller
SlurmdSpoolDir=$folder/node
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldDebug=info
# Neither control groups nor accounting: a container has none to give.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
ReturnToService=2
# For so many seconds squeue tells of jobs that have ended.
MinJobAge=3600
KillWait=5
NodeName=$name NodeAddr=127.0.0.1 $node State=UNKNOWN
PartitionName=all Nodes=$name Default=YES MaxTime=INFINITE State=UP
END
  # Later versions want control groups for themselves; from 23.02 on they can be told otherwise.
  if dpkg --compare-versions "$(slurmd -V | cut -d' ' -f2)" ge 23.02; then
    echo "CgroupPlugin=disabled" >"$folder/cgroup.conf"
  fi
}

start() {
  head -c 1024 /dev/urandom >"$folder/munge.key"
  chmod 400 "$folder/munge.key"
  munged --foreground --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
    --pid-file="$folder/munged.pid" --seed-file="$folder/munged.seed" \
    >"$folder/munged.log" 2>&1 &
  daemons+=($!)
  wait_for "munged" munge --socket="$folder/munge.socket" --no-input
  slurmctld -D -f "$SLURM_CONF" >"$folder/slurmctld.log" 2>&1 &
  daemons+=($!)
  slurmd -D -f "$SLURM_CONF" >"$folder/slurmd.log" 2>&1 &
  daemons+=($!)
  wait_for "the node" node_is_idle
}

node_is_idle() { [[ $(sinfo --noheader --format=%T) == idle ]]; }

wait_for() {
  local what=$1
  shift
  for _ in {1..120}; do
    "$@" >/dev/null 2>&1 && return
    sleep 0.25
  done
  echo "one_node.sh: $what is not ready after 30 s" >&2
  tail -n 20 "$folder"/*.log >&2
  exit 1
}

take_down() {
  trap '' INT TERM HUP
  set +e
  if [[ -n $command_id ]] && kill -0 "$command_id" 2>/dev/null; then
    kill "$command_id"
    wait "$command_id"
  fi
  # Daemons in the opposite order; jobs that are left are ended by the node first.
  if scancel --user=root 2>/dev/null; then
    for _ in {1..40}; do
      [[ -z $(squeue --noheader) ]] && break
      sleep 0.25
    done
  fi
  for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do
    kill "${daemons[i]}" 2>/dev/null
    wait "${daemons[i]}" 2>/dev/null
  done
  rm -rf "$folder"
}

run() {
  [[ $EUID == 0 ]] || {
    echo "one_node.sh: SLURM's daemons run as root" >&2
    exit 1
  }
  [[ -z $(missing) ]] || {
    echo "one_node.sh: not found: $(missing | xargs); see '$0 install'" >&2
    exit 1
  }
  folder=$(mktemp -d)
  # munged wants a path to its socket that everybody may pass.
  chmod 755 "$folder"
  daemons=()
  command_id=
  trap take_down EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  export SLURM_CONF=$folder/slurm.conf
  configure
  start
  # In the background, since a shell heeds no signal while it waits for what is in front.
  "$@" <&0 &
  command_id=$!
  wait "$command_id"
}

case ${1:-} in
  install) install ;;
  run)
    shift
    run "$@"
    ;;
  *)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
