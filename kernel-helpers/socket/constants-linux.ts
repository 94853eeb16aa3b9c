// Numbers of Linux's own headers that other systems have not, by Python's names: -1 there, which every call refuses. Most are of
// families that no back-end opens; they are here so that a program of Python's can be followed name by name.

const here = (number: number): number => (process.platform === "linux" ? number : -1);

export const AF_ALG: number = here(38);
export const AF_APPLETALK: number = here(5);
export const AF_ASH: number = here(18);
export const AF_ATMPVC: number = here(8);
export const AF_ATMSVC: number = here(20);
export const AF_AX25: number = here(3);
export const AF_BRIDGE: number = here(7);
export const AF_CAN: number = here(29);
export const AF_DECnet: number = here(12);
export const AF_ECONET: number = here(19);
export const AF_IPX: number = here(4);
export const AF_IRDA: number = here(23);
export const AF_KEY: number = here(15);
export const AF_LLC: number = here(26);
export const AF_NETBEUI: number = here(13);
export const AF_NETLINK: number = here(16);
export const AF_NETROM: number = here(6);
export const AF_PACKET: number = here(17);
export const AF_PPPOX: number = here(24);
export const AF_QIPCRTR: number = here(42);
export const AF_RDS: number = here(21);
export const AF_ROSE: number = here(11);
export const AF_ROUTE: number = here(16);
export const AF_SECURITY: number = here(14);
export const AF_SNA: number = here(22);
export const AF_TIPC: number = here(30);
export const AF_VSOCK: number = here(40);
export const AF_WANPIPE: number = here(25);
export const AF_X25: number = here(9);

export const ALG_OP_DECRYPT: number = here(0);
export const ALG_OP_ENCRYPT: number = here(1);
export const ALG_OP_SIGN: number = here(2);
export const ALG_OP_VERIFY: number = here(3);
export const ALG_SET_AEAD_ASSOCLEN: number = here(4);
export const ALG_SET_AEAD_AUTHSIZE: number = here(5);
export const ALG_SET_IV: number = here(2);
export const ALG_SET_KEY: number = here(1);
export const ALG_SET_OP: number = here(3);
export const ALG_SET_PUBKEY: number = here(6);

export const CAN_BCM: number = here(2);
export const CAN_BCM_CAN_FD_FRAME: number = here(2048);
export const CAN_BCM_RX_ANNOUNCE_RESUME: number = here(256);
export const CAN_BCM_RX_CHANGED: number = here(12);
export const CAN_BCM_RX_CHECK_DLC: number = here(64);
export const CAN_BCM_RX_DELETE: number = here(6);
export const CAN_BCM_RX_FILTER_ID: number = here(32);
export const CAN_BCM_RX_NO_AUTOTIMER: number = here(128);
export const CAN_BCM_RX_READ: number = here(7);
export const CAN_BCM_RX_RTR_FRAME: number = here(1024);
export const CAN_BCM_RX_SETUP: number = here(5);
export const CAN_BCM_RX_STATUS: number = here(10);
export const CAN_BCM_RX_TIMEOUT: number = here(11);
export const CAN_BCM_SETTIMER: number = here(1);
export const CAN_BCM_STARTTIMER: number = here(2);
export const CAN_BCM_TX_ANNOUNCE: number = here(8);
export const CAN_BCM_TX_COUNTEVT: number = here(4);
export const CAN_BCM_TX_CP_CAN_ID: number = here(16);
export const CAN_BCM_TX_DELETE: number = here(2);
export const CAN_BCM_TX_EXPIRED: number = here(9);
export const CAN_BCM_TX_READ: number = here(3);
export const CAN_BCM_TX_RESET_MULTI_IDX: number = here(512);
export const CAN_BCM_TX_SEND: number = here(4);
export const CAN_BCM_TX_SETUP: number = here(1);
export const CAN_BCM_TX_STATUS: number = here(8);
export const CAN_EFF_FLAG: number = here(0x80000000);
export const CAN_EFF_MASK: number = here(536870911);
export const CAN_ERR_FLAG: number = here(536870912);
export const CAN_ERR_MASK: number = here(536870911);
export const CAN_ISOTP: number = here(6);
export const CAN_J1939: number = here(7);
export const CAN_RAW: number = here(1);
export const CAN_RAW_FD_FRAMES: number = here(5);
export const CAN_RAW_FILTER: number = here(1);
export const CAN_RAW_JOIN_FILTERS: number = here(6);
export const CAN_RAW_LOOPBACK: number = here(3);
export const CAN_RAW_RECV_OWN_MSGS: number = here(4);
export const CAN_RTR_FLAG: number = here(1073741824);
export const CAN_SFF_MASK: number = here(2047);

export const IOCTL_VM_SOCKETS_GET_LOCAL_CID: number = here(1977);

export const IPPROTO_IPIP: number = here(4);
export const IPPROTO_MPTCP: number = here(262);
export const IPPROTO_RSVP: number = here(46);
export const IPPROTO_UDPLITE: number = here(136);

export const IPV6_CHECKSUM: number = here(7);
export const IPV6_DONTFRAG: number = here(62);
export const IPV6_DSTOPTS: number = here(59);
export const IPV6_HOPLIMIT: number = here(52);
export const IPV6_HOPOPTS: number = here(54);
export const IPV6_NEXTHOP: number = here(9);
export const IPV6_PATHMTU: number = here(61);
export const IPV6_PKTINFO: number = here(50);
export const IPV6_RECVDSTOPTS: number = here(58);
export const IPV6_RECVHOPLIMIT: number = here(51);
export const IPV6_RECVHOPOPTS: number = here(53);
export const IPV6_RECVPATHMTU: number = here(60);
export const IPV6_RECVPKTINFO: number = here(49);
export const IPV6_RECVRTHDR: number = here(56);
export const IPV6_RECVTCLASS: number = here(66);
export const IPV6_RTHDR: number = here(57);
export const IPV6_RTHDRDSTOPTS: number = here(55);
export const IPV6_RTHDR_TYPE_0: number = here(0);
export const IPV6_TCLASS: number = here(67);

export const IP_BIND_ADDRESS_NO_PORT: number = here(24);
export const IP_RECVOPTS: number = here(6);
export const IP_RECVRETOPTS: number = here(7);
export const IP_RECVTOS: number = here(13);
export const IP_RETOPTS: number = here(7);
export const IP_TRANSPARENT: number = here(19);

export const J1939_EE_INFO_NONE: number = here(0);
export const J1939_EE_INFO_TX_ABORT: number = here(1);
export const J1939_FILTER_MAX: number = here(512);
export const J1939_IDLE_ADDR: number = here(254);
export const J1939_MAX_UNICAST_ADDR: number = here(253);
export const J1939_NLA_BYTES_ACKED: number = here(1);
export const J1939_NLA_PAD: number = here(0);
export const J1939_NO_ADDR: number = here(255);
export const J1939_NO_NAME: number = here(0);
export const J1939_NO_PGN: number = here(262144);
export const J1939_PGN_ADDRESS_CLAIMED: number = here(60928);
export const J1939_PGN_ADDRESS_COMMANDED: number = here(65240);
export const J1939_PGN_MAX: number = here(262143);
export const J1939_PGN_PDU1_MAX: number = here(261888);
export const J1939_PGN_REQUEST: number = here(59904);

export const MSG_CMSG_CLOEXEC: number = here(1073741824);
export const MSG_CONFIRM: number = here(2048);
export const MSG_CTRUNC: number = here(8);
export const MSG_EOR: number = here(128);
export const MSG_ERRQUEUE: number = here(8192);
export const MSG_FASTOPEN: number = here(536870912);
export const MSG_MORE: number = here(32768);
export const MSG_TRUNC: number = here(32);

export const NETLINK_CRYPTO: number = here(21);
export const NETLINK_DNRTMSG: number = here(14);
export const NETLINK_FIREWALL: number = here(3);
export const NETLINK_IP6_FW: number = here(13);
export const NETLINK_NFLOG: number = here(5);
export const NETLINK_ROUTE: number = here(0);
export const NETLINK_USERSOCK: number = here(2);
export const NETLINK_XFRM: number = here(6);

export const PACKET_BROADCAST: number = here(1);
export const PACKET_FASTROUTE: number = here(6);
export const PACKET_HOST: number = here(0);
export const PACKET_LOOPBACK: number = here(5);
export const PACKET_MULTICAST: number = here(2);
export const PACKET_OTHERHOST: number = here(3);
export const PACKET_OUTGOING: number = here(4);

export const PF_CAN: number = here(29);
export const PF_PACKET: number = here(17);
export const PF_RDS: number = here(21);

export const SCM_CREDENTIALS: number = here(2);
export const SCM_J1939_DEST_ADDR: number = here(1);
export const SCM_J1939_DEST_NAME: number = here(2);
export const SCM_J1939_ERRQUEUE: number = here(4);
export const SCM_J1939_PRIO: number = here(3);
export const SCM_RIGHTS: number = here(1);

export const SOCK_CLOEXEC: number = here(524288);
export const SOCK_NONBLOCK: number = here(2048);

export const SOL_ALG: number = here(279);
export const SOL_CAN_BASE: number = here(100);
export const SOL_CAN_RAW: number = here(101);
export const SOL_RDS: number = here(276);
export const SOL_TIPC: number = here(271);

export const SO_BINDTODEVICE: number = here(25);
export const SO_DOMAIN: number = here(39);
export const SO_INCOMING_CPU: number = here(49);
export const SO_J1939_ERRQUEUE: number = here(4);
export const SO_J1939_FILTER: number = here(1);
export const SO_J1939_PROMISC: number = here(2);
export const SO_J1939_SEND_PRIO: number = here(3);
export const SO_MARK: number = here(36);
export const SO_PASSCRED: number = here(16);
export const SO_PASSSEC: number = here(34);
export const SO_PEERCRED: number = here(17);
export const SO_PEERSEC: number = here(31);
export const SO_PRIORITY: number = here(12);
export const SO_PROTOCOL: number = here(38);
export const SO_VM_SOCKETS_BUFFER_MAX_SIZE: number = here(2);
export const SO_VM_SOCKETS_BUFFER_MIN_SIZE: number = here(1);
export const SO_VM_SOCKETS_BUFFER_SIZE: number = here(0);

export const TCP_CONGESTION: number = here(13);
export const TCP_CORK: number = here(3);
export const TCP_DEFER_ACCEPT: number = here(9);
export const TCP_INFO: number = here(11);
export const TCP_LINGER2: number = here(8);
export const TCP_NOTSENT_LOWAT: number = here(25);
export const TCP_QUICKACK: number = here(12);
export const TCP_SYNCNT: number = here(7);
export const TCP_USER_TIMEOUT: number = here(18);
export const TCP_WINDOW_CLAMP: number = here(10);

export const TIPC_ADDR_ID: number = here(3);
export const TIPC_ADDR_NAME: number = here(2);
export const TIPC_ADDR_NAMESEQ: number = here(1);
export const TIPC_CFG_SRV: number = here(0);
export const TIPC_CLUSTER_SCOPE: number = here(2);
export const TIPC_CONN_TIMEOUT: number = here(130);
export const TIPC_CRITICAL_IMPORTANCE: number = here(3);
export const TIPC_DEST_DROPPABLE: number = here(129);
export const TIPC_HIGH_IMPORTANCE: number = here(2);
export const TIPC_IMPORTANCE: number = here(127);
export const TIPC_LOW_IMPORTANCE: number = here(0);
export const TIPC_MEDIUM_IMPORTANCE: number = here(1);
export const TIPC_NODE_SCOPE: number = here(3);
export const TIPC_PUBLISHED: number = here(1);
export const TIPC_SRC_DROPPABLE: number = here(128);
export const TIPC_SUBSCR_TIMEOUT: number = here(3);
export const TIPC_SUB_CANCEL: number = here(4);
export const TIPC_SUB_PORTS: number = here(1);
export const TIPC_SUB_SERVICE: number = here(2);
export const TIPC_TOP_SRV: number = here(1);
export const TIPC_WAIT_FOREVER: number = here(-1);
export const TIPC_WITHDRAWN: number = here(2);
export const TIPC_ZONE_SCOPE: number = here(1);

export const UDPLITE_RECV_CSCOV: number = here(11);
export const UDPLITE_SEND_CSCOV: number = here(10);

export const VMADDR_CID_ANY: number = here(0xffffffff);
export const VMADDR_CID_HOST: number = here(2);
export const VMADDR_PORT_ANY: number = here(0xffffffff);

export const VM_SOCKETS_INVALID_VERSION: number = here(0xffffffff);
