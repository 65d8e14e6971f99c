export { OwnPasswordPage } from './OwnPasswordPage'
export { SignInPage } from './SignInPage'
