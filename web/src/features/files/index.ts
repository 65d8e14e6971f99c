export { FileLink } from './FileLink'
export { FilesPanel } from './FilesPanel'
