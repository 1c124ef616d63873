export { AuditLog, type AuditRow } from './audit-log.ts'
export type * from './desk.ts'
export { ExchangeFaults } from './exchange-faults.ts'
export { RegistryShelf } from './model-shelf.ts'
