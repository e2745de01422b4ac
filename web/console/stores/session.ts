/** Who is signed in, and what the roles open. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import { get, post, useCsrfToken } from '../api/client'

export type Role = 'agent' | 'supervisor' | 'trainer' | 'auditor' | 'admin'

export interface StaffMember {
  id: string
  name: string
  roles: Role[]
  skills: string[]
  max_chats: number
  must_change_password: boolean
  totp: boolean
}

interface SignedIn {
  staff: StaffMember
  csrf_token: string
}

export const ROLE_NAMES: Record<Role, string> = {
  agent: '坐席',
  supervisor: '班长',
  trainer: '训练师',
  auditor: '质检审计',
  admin: '管理员',
}

export const useSession = defineStore('session', () => {
  const member = ref<StaffMember | null>(null)
  const known = ref(false)

  const roleNames = computed(() => (member.value?.roles ?? []).map((role) => ROLE_NAMES[role]).join('、'))

  function enter(signedIn: SignedIn | null): void {
    member.value = signedIn?.staff ?? null
    useCsrfToken(signedIn?.csrf_token ?? '')
    known.value = true
  }

  /** Ask once whether the browser still has a session. */
  async function restore(): Promise<void> {
    if (known.value) return
    try {
      enter(await get<SignedIn>('/api/staff/me'))
    } catch {
      enter(null)
    }
  }

  async function signIn(account: string, password: string, totp: string): Promise<void> {
    enter(await post<SignedIn>('/api/staff/login', { account, password, ...(totp ? { totp } : {}) }))
  }

  async function signOut(): Promise<void> {
    try {
      await post('/api/staff/logout')
    } finally {
      enter(null)
    }
  }

  /** Change one's own password; the session goes on. */
  async function changePassword(present: string, fresh: string): Promise<void> {
    await post('/api/staff/password', { present, new: fresh })
    if (member.value) member.value = { ...member.value, must_change_password: false }
  }

  const has = (...roles: Role[]): boolean => roles.some((role) => member.value?.roles.includes(role) ?? false)

  return { member, known, roleNames, restore, signIn, signOut, changePassword, has, forget: () => enter(null) }
})
