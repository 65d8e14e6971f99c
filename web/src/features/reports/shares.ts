/** How long a bar is beside the longest, in percent; something that is there is never drawn as nothing. */
export function share(value: number, most: number): number {
  if (value <= 0 || most <= 0) return 0
  return Math.max(2, Math.round((value / most) * 100))
}

/** The worth of a figure in the currency most of it is in, and whether others are left out of it. */
export function mainAmount(
  amounts: Record<string, string>,
): { currency: string; amount: number; others: boolean } | null {
  const all = Object.entries(amounts).map(([currency, amount]) => ({ currency, amount: Number(amount) }))
  const most = all.sort((one, other) => other.amount - one.amount)[0]
  return most ? { ...most, others: all.length > 1 } : null
}
