/** Whether this names the machine itself; an IPv6 address may be in brackets. */
export function isLoopback(address: string): boolean {
  return /^(127(\.\d{1,3}){3}|localhost|\[?::1\]?)$/.test(address);
}
