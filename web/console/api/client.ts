/** Calls the staff interface: session cookie, CSRF header, time-out, and errors in the server's own Chinese words. */

const TIMEOUT_MS = 15_000

/** What went wrong, as the server said it; `status` 0 when it could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    text: string,
  ) {
    super(text)
  }
}

let csrfToken = ''
let ahead = 0

/** The server's clock as well as it is known (to about a second): workstations' own clocks may be minutes off. */
export const serverTime = (now: number = Date.now()): number => now + ahead

function learnTime(response: Response): void {
  const told = Date.parse(response.headers.get('Date') ?? '')
  if (!Number.isNaN(told)) ahead = told - Date.now()
}

/** Remember the CSRF token of the present session; empty after signing out. */
export function useCsrfToken(token: string): void {
  csrfToken = token
}

/** Called when the server says that nobody is signed in any more. */
let onSignedOut: () => void = () => undefined

export function whenSignedOut(action: () => void): void {
  onSignedOut = action
}

/**
 * Call `path` and return its JSON (undefined for an empty answer).
 *
 * @throws ApiError refused, failed, or not reached in time.
 */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = {}
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (method !== 'GET') headers['X-CSRF-Token'] = csrfToken
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new ApiError(0, 'unreachable', '暂时连不上服务器，请检查网络后再试。')
  }
  learnTime(response)
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T
  const error = await failure(response)
  if (error.status === 401 && path !== '/api/staff/login') onSignedOut()
  throw error
}

async function failure(response: Response): Promise<ApiError> {
  try {
    const { error } = (await response.json()) as { error: { code: string; text: string } }
    return new ApiError(response.status, error.code, error.text)
  } catch {
    return new ApiError(response.status, 'unknown', '服务器没有正常答复，请稍后再试。')
  }
}

export const get = <T>(path: string): Promise<T> => call<T>('GET', path)
export const post = <T>(path: string, body: unknown = {}): Promise<T> => call<T>('POST', path, body)
export const put = <T>(path: string, body: unknown): Promise<T> => call<T>('PUT', path, body)
export const patch = <T>(path: string, body: unknown): Promise<T> => call<T>('PATCH', path, body)
export const remove = <T>(path: string): Promise<T> => call<T>('DELETE', path)
