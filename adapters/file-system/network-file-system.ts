import { statfs } from 'node:fs/promises'

/** Magic numbers of statfs(2), from linux/magic.h and the sources of the clients that have theirs elsewhere. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB2'],
  [0xff534d42, 'CIFS'],
  [0x01021997, '9P'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre']
])

/**
 * The name of the network file system that the folder is on, undefined for all others. Those do not keep appends of
 * several hosts apart (open(2), O_APPEND), so no log that they share can be trusted.
 */
export async function networkFileSystemOf(folder: string): Promise<string | undefined> {
  const { type } = await statfs(folder)
  // The kernel's type is a signed word on some machines.
  return NETWORK_FILE_SYSTEMS.get(type >>> 0)
}
