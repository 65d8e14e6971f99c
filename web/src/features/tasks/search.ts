/** Which tasks: mine and open ones unless the address says otherwise. */
export interface TaskFilters {
  owner?: string
  kind?: 'callback' | 'plain'
  status?: 'done'
}

/** The filters an address names; what it can not mean is left out. */
export function tasksSearch(search: Record<string, unknown>): TaskFilters {
  const filters: TaskFilters = {}
  const { owner, kind, status } = search
  if (typeof owner === 'string' && (owner === 'all' || /^[0-9a-f-]{36}$/i.test(owner))) filters.owner = owner
  if (kind === 'callback' || kind === 'plain') filters.kind = kind
  if (status === 'done') filters.status = status
  return filters
}
