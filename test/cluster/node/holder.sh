#!/bin/sh
# Process 1 of the node: prepares its file systems, then waits. When it ends, the kernel ends every process of the node
# and drops its mounts and its network. Arguments: the mark by which it is recognised, the state folder, the node's name.
set -e
state=$2
hostname "$3"
mount --make-rshared /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p "$state/kubelet" "$state/pod-logs" "$state/container-logs" /var/lib/kubelet /var/log/pods /var/log/containers
mount --bind "$state/kubelet" /var/lib/kubelet
mount --bind "$state/pod-logs" /var/log/pods
mount --bind "$state/container-logs" /var/log/containers
mount -t tmpfs -o mode=755 tmpfs "$state/run"
mkdir "$state/run/containerd"
ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
trap : TERM HUP INT
touch "$state/run/ready"
while :; do
  sleep 3600 &
  wait $! || :
done
