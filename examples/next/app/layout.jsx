import { Visitor } from "./visitor.jsx";

export const metadata = { title: "Isthmus with Next" };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <head>
        <link rel="icon" href="data:," />
      </head>
      <body>
        {children}
        <Visitor />
      </body>
    </html>
  );
}
