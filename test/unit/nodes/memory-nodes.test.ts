import { memoryNodes } from '../../contract/doubles/memory-nodes.ts';
import { nodesContract } from '../../contract/nodes.ts';

nodesContract('in memory, as the other tests use them', async () => {
  const { connect } = memoryNodes();
  return { nodes: [connect(), connect()], dispose: async () => undefined };
});
