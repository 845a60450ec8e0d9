import { NodeSharing, type Sharing } from '../app/limits/sharing.ts';
import type { GuardNodes } from '../app/sessions/login-guard.ts';
import type { Nodes } from '../engine/nodes.ts';
import { nameAggregate, partitionOf } from '../events/aggregate.ts';
import type { Membership } from '../nodes/nodes.ts';
import type { Resources } from '../runtime/resources.ts';

/** How long a node is waited for that counts the wrong passwords of a name, in ms. */
const answerMsMax = 3000;

export type SharedLimitsOptions = {
  /** Absent if there is only this node. */
  readonly nodes?: Pick<Nodes, 'bus'> | undefined;
  readonly membership: Pick<Membership, 'me' | 'size' | 'ownerOf'>;
  readonly partitions: number;
};

/** How limits hold for all nodes together: rates are shared, and the owner of a name's partition counts wrong passwords. */
export const shareLimits = (
  { nodes, membership, partitions }: SharedLimitsOptions,
  resources: Resources,
): { readonly sharing?: Sharing; readonly guardNodes?: GuardNodes } => {
  if (!nodes) return {};
  const { bus } = nodes;
  const { size, ownerOf } = membership;
  const me = membership.me.id;
  const service = 'logins';
  const sharing = new NodeSharing({ bus, me, size });
  resources.add(sharing, () => sharing.stop());
  const guardNodes: GuardNodes = {
    me,
    // Anything may be entered as a name; what is not well-formed has no aggregate.
    ownerOf: (name) => ownerOf(partitionOf(nameAggregate(name.toWellFormed()), partitions)),
    request: (node, message) => bus.request({ node, service }, message, answerMsMax),
    respond: (handler) => void bus.respond({ node: me, service }, handler),
  };
  return { sharing: sharing.share, guardNodes };
};
