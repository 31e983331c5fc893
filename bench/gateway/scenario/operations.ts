/** The three operations that are measured, as a client would send them. */
export const operations = {
  /** Six levels, two roots: 16 calls of subgraphs by Apollo's plan, an answer of about 88 KB. */
  heavy: /* GraphQL */ `
    fragment User on User {
      id
      username
      name
    }

    fragment Review on Review {
      id
      body
    }

    fragment Product on Product {
      inStock
      name
      price
      shippingEstimate
      upc
      weight
    }

    query TestQuery {
      users {
        ...User
        reviews {
          ...Review
          product {
            ...Product
            reviews {
              ...Review
              author {
                ...User
                reviews {
                  ...Review
                  product {
                    ...Product
                  }
                }
              }
            }
          }
        }
      }
      topProducts {
        ...Product
        reviews {
          ...Review
          author {
            ...User
            reviews {
              ...Review
              product {
                ...Product
              }
            }
          }
        }
      }
    }
  `,
  /** Four calls of subgraphs, an answer of about 5 KB. */
  medium: /* GraphQL */ `
    query ProductPage {
      topProducts {
        upc
        name
        inStock
        reviews {
          id
          body
          author {
            id
            name
          }
        }
      }
    }
  `,
  /** One call of one subgraph, an answer of about 360 bytes. */
  small: /* GraphQL */ `
    query Names {
      users {
        id
        username
        name
      }
    }
  `,
} as const;

export type OperationName = keyof typeof operations;
export const operationNames = Object.keys(operations) as OperationName[];
