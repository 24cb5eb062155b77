// SentencePiece itself, in a process of its own: Debian's build brings a protobuf that must not
// meet another. sentencepiece_oracle MODEL: for each line of standard input, a text in hexadecimal,
// writes its ids and the ids' text in hexadecimal, separated by spaces.
#include <sentencepiece_processor.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

int main(int count, char** arguments) {
  sentencepiece::SentencePieceProcessor processor;
  if (count != 2 || !processor.Load(arguments[1]).ok()) {
    std::fprintf(stderr, "usage: sentencepiece_oracle MODEL < LINES\n");
    return 2;
  }
  for (std::string line; std::getline(std::cin, line);) {
    std::string text;
    for (std::size_t i = 0; i + 1 < line.size(); i += 2) {
      text += static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16));
    }
    std::vector<int> ids;
    std::string decoded;
    if (!processor.Encode(text, &ids).ok() || !processor.Decode(ids, &decoded).ok()) return 1;
    for (const int id : ids) std::printf("%d ", id);
    std::printf("-");
    for (const char c : decoded)
      std::printf("%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    std::printf("\n");
  }
}
