// Answers a question with a model: hello_cpp MODEL "QUESTION"
#include <iostream>
#include <loquor/loquor.hpp>

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: " << argv[0] << " MODEL QUESTION\n";
    return 2;
  }
  const loquor::Model model(argv[1]);
  const auto print = [](loquor::Generation answer) {
    for (const auto& piece : answer) std::cout << piece.text << std::flush;
    std::cout << '\n';
  };
  if (model.has_chat_template()) {
    loquor::Chat chat(model);
    print(chat.stream(argv[2]));
  } else {
    print(model.stream(argv[2]));
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
