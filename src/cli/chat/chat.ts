import { Command } from 'commander';
import { limit } from '../parsing/arguments.ts';
import { refuseUnknown } from '../parsing/unknown-command.ts';
import type { LoginOptions } from './account.ts';
import type { CreateOptions, InviteOptions } from './circles.ts';
import type { Format } from './printing.ts';
import type { ReadOptions } from './reading.ts';
import type { WriteOptions } from './writing.ts';

const pageDefault = 20;

// Modules are loaded when a command runs.
const account = () => import('./account.ts');
const circles = () => import('./circles.ts');

const command = (name: string, description: string): Command =>
  new Command(name).description(description).option('--json', 'print NDJSON');

const accountCommands = (): Command[] => [
  command('login', 'log in to a server, and store the token for the other commands')
    .argument('<address>', 'the address of the server, such as https://chat.example.org')
    .option('--username <name>', 'do not prompt for it')
    .option('--register', 'register a new account')
    .option('--invite <code>', 'with --register: the code of an invite, whose circle is joined')
    .addHelpText(
      'after',
      `
Prompts for the password. Without a terminal, standard input must contain the username and the password, with
--username only the password. The token is stored in oshi/chat.json in XDG_CONFIG_HOME, by default ~/.config; only
you can read the file. OSHI_URL and OSHI_TOKEN take precedence.`,
    )
    .action(async (address: string, options: LoginOptions) =>
      (await account()).logIn(address, options),
    ),
  new Command('logout')
    .description('end the session, and delete the token')
    .action(async () => (await account()).logOut()),
  command('whoami', 'show who is logged in, and where').action(async (options: Format) =>
    (await account()).whoAmI(options),
  ),
];

const circleCommands = (): Command[] => [
  command('circles', 'list your circles and direct conversations')
    .option('--public', 'list public circles, which anyone may join')
    .action(async (options: Format) => (await circles()).listCircles(options)),
  command('streams', 'list the streams of a circle')
    .argument('<circle>')
    .action(async (word: string, options: Format) => (await circles()).listStreams(word, options)),
  command('create', 'create a circle, or a stream in one')
    .argument('<name>')
    .option('--public', 'let anyone find and join it')
    .option('--about <text>', 'what it is about')
    .option('--in <circle>', 'create a stream in this circle')
    .action(async (name: string, options: CreateOptions) =>
      (await circles()).create(name, options),
    ),
  command('join', 'join a circle')
    .argument('<invite>', 'an invite code, its link, or the id of a public circle')
    // An invite code may start with a dash.
    .helpOption('--help', 'display help for command')
    .allowUnknownOption()
    .action(async (word: string, options: Format) => (await circles()).join(word, options)),
  command('invite', 'make an invite to a circle of yours')
    .argument('<circle>')
    .option('--uses <number>', 'maximum number of uses (default: unlimited)', limit)
    .action(async (word: string, options: InviteOptions) =>
      (await circles()).invite(word, options),
    ),
];

const messageCommands = (): Command[] => [
  command('read', 'print the newest messages of a stream')
    .argument('<place>', '<circle>, or <circle>/<stream>')
    .option('--follow', 'keep printing new messages, until Ctrl-C')
    .option('--limit <number>', 'print at most <number> messages, up to 200', limit, pageDefault)
    .option('--before <number>', 'print messages before this one', limit)
    .option('--after <number>', 'print messages after this one', limit)
    .action(async (word: string, options: ReadOptions, self: Command) => {
      if (options.follow && (options.before ?? options.after) !== undefined) {
        self.error(
          'error: --follow starts with the newest messages and cannot be combined with --before or --after',
        );
      }
      await (await import('./reading.ts')).read(word, options);
    }),
  command('write', 'post a message')
    .argument('<place>', '<circle>, or <circle>/<stream>')
    .argument('[text...]', 'the text (default: standard input)')
    .option('--lines', 'post each line of standard input as a separate message')
    .action(async (word: string, words: string[], options: WriteOptions) =>
      (await import('./writing.ts')).write(word, words, options),
    ),
];

export const chatCommand = (chat: Command): Command => {
  chat
    .usage('<command> [options]')
    .allowExcessArguments()
    .action((_options, self: Command) => {
      const [word] = self.args;
      return word === undefined ? self.help() : refuseUnknown(self, word);
    })
    .addHelpText(
      'after',
      `
Circles and streams are given by name, id, or a prefix of one of these; a direct conversation is
@<username>. Without a stream, the first one of the circle is used. A message is posted exactly once, also if the
connection is lost meanwhile. Control characters in messages are escaped.

  oshi chat login http://127.0.0.1:8080
  oshi chat create Tea
  oshi chat write Tea 'Is anybody here?'
  oshi chat read Tea --follow
  make 2>&1 | oshi chat write ops/builds
  oshi chat read Tea --json | jq -r .text

Exit codes: 0 success; 1 failure, see the last line; 2 invalid command line.`,
    );
  for (const each of [...accountCommands(), ...circleCommands(), ...messageCommands()]) {
    chat.addCommand(each);
  }
  return chat;
};
