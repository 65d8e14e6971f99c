import { localStorageColorSchemeManager } from '@mantine/core'

/** Light, dark or as the system: kept where public/early.js reads it before the first paint. */
export const scheme = localStorageColorSchemeManager({ key: 'voronka.scheme' })
