/** Sends change notifications to every live client of every generation, each at most once. */
export interface Notifier {
  /** `notifications/tools/list_changed` */
  toolsChanged(): void;
  /** `notifications/prompts/list_changed` */
  promptsChanged(): void;
  /** `notifications/resources/list_changed` */
  resourcesChanged(): void;
  /** `notifications/resources/updated`, only to connections that subscribed to `uri`. */
  resourceUpdated(uri: string): void;
}
