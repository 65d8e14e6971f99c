export { useExtensions } from './queries'
