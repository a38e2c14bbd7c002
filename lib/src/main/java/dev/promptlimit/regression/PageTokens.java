package dev.promptlimit.regression;

import dev.promptlimit.random.StreamKey;

/** Simulates the tokens of a page's prompts as far as their loss and its gradient need them. */
interface PageTokens {
  /** Substream of a block from which tokens come, and the one after it. */
  long TOKENS = 2;

  /** Begins a block: uses its substreams {@link #TOKENS} and the next. */
  void begin(StreamKey block);

  /** Computes μ′ and c′ of n prompts whose a′ and v′ are known. */
  void read(PromptPage page, int n);
}
